#include "core/load/params_checker.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "core/load/condition_parser.hpp"
#include "core/load/schema_place.hpp"
#include "core/load/spec_values.hpp"
#include "core/load/template_parser.hpp"

namespace leeward {

namespace {

/// Cuts a JSON text where its templates stand.
class TemplateCutter {
 public:
  explicit TemplateCutter(const Json& root) : rest_(root.text()) {}

  void slot(const Json& string, Template compiled) {
    pass_before(string);
    if (compiled.is_literal()) {
      std::string text;
      for (const auto& piece : compiled.pieces) text += std::get<std::string>(piece);
      pending_ += json_quote(text);
    } else {
      result_.slots.push_back({std::exchange(pending_, {}), std::move(compiled), string});
    }
  }

  ValueTemplate finish(const std::shared_ptr<const JsonDocument>& spec) {
    result_.json_after = std::move(pending_.append(rest_));
    if (!result_.slots.empty()) result_.spec = spec;
    return std::move(result_);
  }

 private:
  void pass_before(const Json& string) {
    const std::string_view text = string.text();
    const auto before = static_cast<std::size_t>(text.data() - rest_.data());
    pending_ += rest_.substr(0, before);
    rest_.remove_prefix(before + text.size());
  }

  std::string_view rest_;
  std::string pending_;
  ValueTemplate result_;
};

}  // namespace

/// One pass over a value with its schema beside it.
class ParamsChecker::Walk {
 public:
  /// `outer` is what a member that an object lacks may stand in; absent: nothing.
  Walk(ParamsChecker& checker, CheckedParams& into, const Json& root, const Json& outer = {})
      : checker_(checker), into_(into), outer_(outer), cutter_(root) {}

  void visit(const Json& value, const SchemaPlace& place, const Json& object) {
    if (const Json condition = place["x-condition"]; condition.is_boolean() && condition.boolean()) {
      check_condition(value, checker_.errors_);
    }
    const Json rendered = place["x-template"];
    if (rendered.is_boolean() && !rendered.boolean()) return;
    if (rendered.is_array()) return check_as_template_over(value, rendered);
    if (const Json reference = place["x-reference"]; reference.is_string()) note_reference(value, reference.string());
    if (const Json sibling = place["x-args-of"]; sibling.is_string()) {
      const Json callable = object[sibling.string()];
      return visit_arguments(value, callable.exists() ? callable : outer_[sibling.string()]);
    }
    visit_inside(value, place);
  }

  ValueTemplate finish(const std::shared_ptr<const JsonDocument>& spec) { return cutter_.finish(spec); }

 private:
  void visit_inside(const Json& value, const SchemaPlace& place) {
    if (value.is_string()) return compile(value);
    if (value.is_object()) {
      for (const Json& member : value) visit(member, place.of_member(member.key(), member), value);
    } else if (value.is_array()) {
      for (const Json& element : value) visit(element, place.of_element(element), {});
    }
  }

  void compile(const Json& string) {
    if (string.string().find_first_of("{}") == std::string_view::npos) return;
    const std::size_t known = checker_.errors_.size();
    Template compiled = parse_template(string, checker_.errors_);
    if (checker_.errors_.size() > known) return;
    for (const auto& piece : compiled.pieces) {
      if (const auto* placeholder = std::get_if<Placeholder>(&piece)) note_name(*placeholder, string);
    }
    cutter_.slot(string, std::move(compiled));
  }

  void note_name(const Placeholder& placeholder, const Json& string) {
    NameUse use{placeholder.name, {}, false, string, placeholder.source};
    const bool has_field = !placeholder.path.empty() && std::holds_alternative<std::string>(placeholder.path.front());
    if (has_field) use.field = std::get<std::string>(placeholder.path.front());
    use.has_default = std::any_of(placeholder.filters.begin(), placeholder.filters.end(),
                                  [](const auto& filter) { return filter.name == "default"; });
    into_.names.push_back(std::move(use));
  }

  /// Taken as written, and rendered by the operator itself over names of its own.
  void check_as_template_over(const Json& value, const Json& names) {
    if (value.is_array() || value.is_object()) {
      for (const Json& inner : value) check_as_template_over(inner, names);
    }
    if (!value.is_string()) return;
    std::vector<std::string> known;
    for (const Json& name : names) {
      if (name.is_string()) known.emplace_back(name.string());
    }
    const Template compiled = parse_template(value, checker_.errors_);
    for (const auto& piece : compiled.pieces) {
      const auto* placeholder = std::get_if<Placeholder>(&piece);
      if (placeholder == nullptr || std::find(known.begin(), known.end(), placeholder->name) != known.end()) continue;
      add_error(checker_.errors_, "spec.unknown_name",
                placeholder->source + ": there is no \"" + placeholder->name + "\" in this text" +
                    Guesser{known}.guess(placeholder->name, true),
                value);
    }
  }

  void note_reference(const Json& value, std::string_view kind) {
    if (value.is_array()) {
      for (const Json& element : value) note_reference(element, kind);
    }
    if (!value.is_string() || is_undecided(value)) return;
    if (kind == "downstream") into_.downstream.push_back(value);
    if (kind == "context") into_.opened.push_back(value);
    if (kind == "connection") into_.connections.emplace_back(value.string());
    if (kind != "callable") return;
    into_.callable = checker_.catalog_.find_callable(value.string());
    if (into_.callable == nullptr) {
      const std::string name{value.string()};
      add_error(checker_.errors_, "spec.unknown_callable",
                "no callable \"" + name + "\"" + checker_.callables_.guess(name, true), value);
    }
  }

  /// The arguments of a callable are checked as its own parameters are.
  void visit_arguments(const Json& arguments, const Json& callable) {
    const OperatorInfo* info =
        callable.is_string() && !is_undecided(callable) ? checker_.catalog_.find_callable(callable.string()) : nullptr;
    if (info == nullptr || !info->params_schema) return visit_inside(arguments, {});
    info->params_schema->validate(arguments, checker_.errors_, is_undecided);
    visit_inside(arguments, SchemaPlace{info->params_schema.get(), arguments});
  }

  ParamsChecker& checker_;
  CheckedParams& into_;
  Json outer_;
  TemplateCutter cutter_;
};

ParamsChecker::ParamsChecker(const OperatorCatalog& catalog, Errors& errors)
    : catalog_(catalog), errors_(errors), callables_(catalog.callable_names()) {}

const ParamsChecker::Notes& ParamsChecker::notes_of(const OperatorInfo& op) {
  // A node of the map stays where it is when another is added.
  const auto [entry, fresh] = notes_.try_emplace(&op);
  Notes& notes = entry->second;
  if (!fresh || !op.params_schema) return notes;
  op.params_schema->validate(JsonDocument::of(Value{std::string{"{}"}})->root(), notes.without_params);
  const SchemaPlace place{op.params_schema.get(), {}};
  for (const std::string_view name : place.properties()) {
    const std::string member{name};
    const SchemaPlace schema = place.of_member(name, {});
    if (const Json callable = schema["x-args-of"]; callable.is_string()) {
      notes.arguments.push_back({member, std::string{callable.string()}});
    }
    const Json reference = schema["x-reference"];
    const Json otherwise = schema["default"];
    if (!reference.is_string() || reference.string() != "connection" || !otherwise.is_string()) continue;
    notes.connections.push_back({member, std::string{otherwise.string()}});
  }
  return notes;
}

/// A callable that needs arguments is given some. `place` is where it is told, or absent: where the callable stands.
void ParamsChecker::check_arguments(const Json& with, const Notes& notes, const Json& place) {
  for (const Notes::Arguments& arguments : notes.arguments) {
    const Json callable = with[arguments.callable];
    if (with[arguments.member].exists() || !callable.is_string()) continue;
    const OperatorInfo* info = catalog_.find_callable(callable.string());
    if (info == nullptr) continue;
    for (Error error : notes_of(*info).without_params) {
      error.where = place.exists() ? place.where() : callable.where();
      error.message = "no \"" + arguments.member + "\" are given: " + error.message;
      errors_.push_back(std::move(error));
    }
  }
}

void ParamsChecker::compile_with(const Json& with, const OperatorInfo& op,
                                 const std::shared_ptr<const JsonDocument>& spec, CheckedParams& into) {
  Walk walk{*this, into, with};
  walk.visit(with, SchemaPlace{op.params_schema.get(), with}, {});
  into.with = walk.finish(spec);
}

CheckedParams ParamsChecker::check(const Json& with, const Json& task, const OperatorInfo& op,
                                   const std::shared_ptr<const JsonDocument>& spec) {
  CheckedParams result;
  if (!has_room(errors_)) return result;
  const Notes& notes = notes_of(op);
  for (const auto& [member, connection] : notes.connections) {
    if (!with[member].exists()) result.connections.push_back(connection);
  }
  if (!with.exists()) {
    for (Error error : notes.without_params) {
      error.where = task.where();
      error.message = "no \"with\" is given: " + error.message;
      errors_.push_back(std::move(error));
    }
    result.with.json_after = "{}";
    return result;
  }
  if (op.params_schema) op.params_schema->validate(with, errors_, is_undecided);
  check_arguments(with, notes, {});
  compile_with(with, op, spec, result);
  return result;
}

CheckedParams ParamsChecker::check_part(const Json& with, const OperatorInfo& op,
                                        const std::shared_ptr<const JsonDocument>& spec) {
  CheckedParams result;
  result.with.json_after = "{}";
  if (!has_room(errors_) || !with.exists()) return result;
  check_members(with, op);
  compile_with(with, op, spec, result);
  return result;
}

/// What is wrong with a member is wrong whatever else there is; what is wrong with the object may be put right by the
/// members that it still lacks.
void ParamsChecker::check_members(const Json& object, const OperatorInfo& op) {
  if (!op.params_schema) return;
  Errors found;
  op.params_schema->validate(object, found, is_undecided);
  const std::string self = object.pointer();
  std::erase_if(found, [&](const Error& error) { return error.where.pointer == self; });
  std::move(found.begin(), found.end(), std::back_inserter(errors_));
}

void ParamsChecker::check_merged(const Json& with, const Json& item, const OperatorInfo& op, CheckedParams& into) {
  if (!has_room(errors_)) return;
  const Notes& notes = notes_of(op);
  for (const auto& [member, connection] : notes.connections) {
    const bool known =
        std::find(into.connections.begin(), into.connections.end(), connection) != into.connections.end();
    if (!known && !with[member].exists() && !item[member].exists()) into.connections.push_back(connection);
  }
  check_members(item, op);
  JsonWriter merged;
  merged.begin_object();
  for (const Json& member : with) {
    if (!item[member.key()].exists()) merged.key(member.key()).raw(member.text());
  }
  for (const Json& member : item) merged.key(member.key()).raw(member.text());
  const auto document = JsonDocument::of(Value{merged.end_object().take()});
  Errors found;
  if (op.params_schema) op.params_schema->validate(document->root(), found, is_undecided);
  for (Error& error : found) {
    if (!error.where.pointer.empty()) continue;  // a member's, told where that member stands
    error.where = item.where();
    error.message = "merged with \"with\": " + error.message;
    errors_.push_back(std::move(error));
  }
  check_arguments(document->root(), notes, item);
}

ValueTemplate ParamsChecker::compile_items(const Json& items, const Json& with, const OperatorInfo& op,
                                           const std::shared_ptr<const JsonDocument>& spec, CheckedParams& into) {
  Walk walk{*this, into, items, with};
  for (const Json& item : items) walk.visit(item, SchemaPlace{op.params_schema.get(), item}, {});
  if (!items.is_array()) walk.visit(items, {}, {});
  return walk.finish(spec);
}

ValueTemplate ParamsChecker::compile(const Json& value, const std::shared_ptr<const JsonDocument>& spec,
                                     CheckedParams& into) {
  Walk walk{*this, into, value};
  walk.visit(value, {}, {});
  return walk.finish(spec);
}

}  // namespace leeward
