#include "core/model/template.hpp"

#include <algorithm>
#include <utility>

#include "core/base/suggestion.hpp"
#include "core/model/template_filters.hpp"
#include "core/model/template_format.hpp"

namespace leeward {

namespace {

/// As deep as a JSON text may be for whoever reads what was rendered.
constexpr int kMaxDepth = JsonLimits{}.max_depth;

Error too_large() { return {"template.too_large", "the text becomes longer than 16 MiB"}; }

Error too_deep() {
  return {"template.too_deep", "the values inserted here nest deeper than " + std::to_string(kMaxDepth) + " levels"};
}

Error at_slot(const ValueTemplate::Slot& slot, Error error) {
  if (slot.source.exists()) error.where = slot.source.where();
  return error;
}

std::string written(const Placeholder::Step& step) {
  if (const auto* index = std::get_if<std::int64_t>(&step)) return "[" + std::to_string(*index) + "]";
  return "." + std::get<std::string>(step);
}

Error no_such_name(const std::string& name, const Scope& scope) {
  const std::vector<std::string> names = scope.names();
  return {"template.missing", "there is no \"" + name + "\" here" + did_you_mean(name, names)};
}

Error no_such_field(const std::string& path, const std::string& field, const Json& object) {
  std::vector<std::string> keys;
  for (const Json& member : object) keys.emplace_back(member.key());
  return {"template.missing", "\"" + path + "\" has no field \"" + field + "\"" + did_you_mean(field, keys)};
}

Error no_such_step(const std::string& path, const Placeholder::Step& step, const Json& at) {
  const auto* index = std::get_if<std::int64_t>(&step);
  const std::string what = "\"" + path + "\" is " + std::string{to_string(at.kind())};
  if (index != nullptr && at.is_array()) {
    return {"template.missing", what + " of " + std::to_string(at.size()) + ", so there is no " + written(step)};
  }
  return {"template.missing", what + (index != nullptr ? " and has no elements" : " and has no fields") +
                                  ", so there is no " + written(step)};
}

Json element(const Json& array, std::int64_t index) {
  const auto size = static_cast<std::int64_t>(array.size());
  if (index < 0) index += size;
  return index >= 0 && index < size ? array.at(static_cast<std::size_t>(index)) : Json{};
}

FilterValue look_up(const Placeholder& placeholder, const Scope& scope) {
  Json at = scope.find(placeholder.name);
  if (!at.exists()) return {{}, {}, no_such_name(placeholder.name, scope)};
  std::string path = placeholder.name;
  for (const Placeholder::Step& step : placeholder.path) {
    const auto* field = std::get_if<std::string>(&step);
    Json next;
    if (field != nullptr && at.is_object()) {
      next = at[*field];
      if (!next.exists()) return {{}, {}, no_such_field(path, *field, at)};
    } else if (field == nullptr && at.is_array()) {
      next = element(at, std::get<std::int64_t>(step));
    } else if (field == nullptr && at.is_object()) {
      next = at[std::to_string(std::get<std::int64_t>(step))];  // {by_year[2024]}
    }
    if (!next.exists()) return {{}, {}, no_such_step(path, step, at)};
    at = next;
    path += written(step);
  }
  return {at, {}, {}};
}

Error in_placeholder(const Placeholder& placeholder, Error error) {
  error.message = placeholder.source + ": " + error.message;
  return error;
}

Result<FilterValue> evaluate(const Placeholder& placeholder, const Scope& scope) {
  FilterValue value = look_up(placeholder, scope);
  for (const Placeholder::Filter& filter : placeholder.filters) {
    Result<FilterValue> next = apply_filter(filter, value);
    if (!next) return in_placeholder(placeholder, std::move(next).error());
    value = std::move(next).value();
  }
  if (value.missing) return in_placeholder(placeholder, std::move(*value.missing));
  return value;
}

/// The placeholder's value as text, in the format it asks for.
Result<std::string> text_of_placeholder(const Placeholder& placeholder, const Scope& scope) {
  auto value = evaluate(placeholder, scope);
  if (!value) return std::move(value).error();
  if (placeholder.format.empty()) return text_of(value->json);
  const auto spec = FormatSpec::parse(placeholder.format);
  LW_ASSERT(spec.has_value(), "the parser refuses formats that do not exist");
  auto text = spec->apply(value->json);
  if (!text) return in_placeholder(placeholder, std::move(text).error());
  return text;
}

int depth_of(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

const Placeholder* Template::single() const noexcept {
  return pieces.size() == 1 ? std::get_if<Placeholder>(&pieces.front()) : nullptr;
}

bool Template::is_literal() const noexcept {
  return std::all_of(pieces.begin(), pieces.end(),
                     [](const Piece& piece) { return std::holds_alternative<std::string>(piece); });
}

Result<Value> Template::render(const Scope& scope) const {
  if (const Placeholder* placeholder = single(); placeholder != nullptr && placeholder->format.empty()) {
    auto value = evaluate(*placeholder, scope);
    if (!value) return std::move(value).error();
    if (value->json.text().size() > kMaxRenderedBytes) return in_placeholder(*placeholder, too_large());
    return value->json.value();
  }
  std::string text;
  for (const Piece& piece : pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      text += *literal;
    } else {
      auto rendered = text_of_placeholder(std::get<Placeholder>(piece), scope);
      if (!rendered) return std::move(rendered).error();
      text += *rendered;
    }
    if (text.size() > kMaxRenderedBytes) return too_large();
  }
  return Value{json_quote(text)};
}

Result<Value> ValueTemplate::render(const Scope& scope) const {
  if (slots.size() == 1 && slots[0].json_before.empty() && json_after.empty()) {
    auto value = slots[0].value.render(scope);  // nothing stands around it: no copy
    return value ? std::move(value) : at_slot(slots[0], std::move(value).error());
  }
  std::string json;
  for (const Slot& slot : slots) {
    json += slot.json_before;
    auto value = slot.value.render(scope);
    if (!value) return at_slot(slot, std::move(value).error());
    if (json.size() + value->json().size() > kMaxRenderedBytes) return at_slot(slot, too_large());
    json += value->json();
  }
  json += json_after;
  if (!slots.empty() && depth_of(json) > kMaxDepth) return at_slot(slots.front(), too_deep());
  return Value{std::move(json)};
}

}  // namespace leeward
