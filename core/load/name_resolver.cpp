#include "core/load/name_resolver.hpp"

#include <algorithm>
#include <utility>

#include "core/base/quoted.hpp"
#include "core/load/exclusive_ways.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"
#include "core/model/builtin_names.hpp"

namespace leeward {

namespace {

std::vector<std::string> param_names(const DagSpec& spec) {
  std::vector<std::string> names;
  for (const Dag::Param& param : spec.header.declared_params) names.push_back(param.name);
  return names;
}

std::vector<std::string> visible_names(const PublishedNames& published) {
  std::vector<std::string> names{kBuiltinNames.begin(), kBuiltinNames.end()};
  std::vector<std::string> others = published.names();
  std::sort(others.begin(), others.end());
  names.insert(names.end(), others.begin(), others.end());
  return names;
}

}  // namespace

NameResolver::NameResolver(const DagSpec& spec, const std::vector<CheckedParams>& params,
                           const std::vector<const OperatorInfo*>& ops, const PublishedNames& published, Errors& errors)
    : spec_(spec), params_(params), ops_(ops), errors_(errors), declared_(param_names(spec)), published_(published) {}

std::uint32_t NameResolver::add_place(const ReadingPlace& place) {
  places_.push_back(place);
  return static_cast<std::uint32_t>(spec_.tasks.size() + places_.size() - 1);
}

void NameResolver::check_names() {
  reads_.reserve(spec_.tasks.size());
  for (std::uint32_t task = 0; task < spec_.tasks.size(); ++task) collect_reads({task, &params_[task], true});
  for (const ReadingPlace& place : places_) collect_reads(place);
  first_read_.push_back(static_cast<std::uint32_t>(reads_.size()));
}

void NameResolver::collect_reads(const ReadingPlace& place) {
  first_read_.push_back(static_cast<std::uint32_t>(reads_.size()));
  read_once_ = {};
  opened_once_ = {};
  for (const NameUse& use : place.asks->names) {
    if (is_builtin_name(use.name)) check_field(use);
    add_read(place, false, use.name, use.source, use.placeholder);
  }
  for (const Json& key : place.asks->opened) add_read(place, true, key.string(), key, "");
}

void NameResolver::add_read(const ReadingPlace& place, bool opened, std::string_view name, const Json& source,
                            std::string_view placeholder) {
  if (!(opened ? opened_once_ : read_once_).insert(name).second) return;
  Read& read = reads_.emplace_back(Read{place.task, opened, name, source, placeholder, {}});
  if (place.group.valid()) read.of_group = &place;
  if (is_builtin_name(name) || (place.is_callback && is_callback_name(name))) return;
  const ItemName item = place.knows_items ? item_name_of(place.task, name) : ItemName::no;
  if (item == ItemName::yes) return;
  const auto found = published_.publishers().find(name);
  if (found == published_.publishers().end()) return item == ItemName::perhaps ? void() : tell_unknown(read);
  read.producers = found->second;
  read.producers.resize(std::min(read.producers.size(), kMaxPublishers));  // more are a mistake, told already
}

void NameResolver::check_field(const NameUse& use) {
  if (use.field.empty() || use.has_default) return;
  if (use.name == "ti" || use.name == "task_instance") return check_fields_of(use, kTaskInstanceFields);
  if (use.name == "dag_run") return check_fields_of(use, kDagRunFields);
  const auto& declared = spec_.header.declared_params;
  if (use.name != "params" || declared.empty()) return;
  if (std::any_of(declared.begin(), declared.end(), [&](const auto& param) { return param.name == use.field; })) return;
  add_error(
      errors_, "spec.unknown_name",
      use.placeholder + ": the DAG's \"params\" declare no " + quoted(use.field) + declared_.guess(use.field, true),
      use.source);
}

void NameResolver::check_fields_of(const NameUse& use, std::span<const std::string_view> fields) {
  if (std::find(fields.begin(), fields.end(), use.field) != fields.end()) return;
  add_error(errors_, "spec.unknown_name",
            use.placeholder + ": " + quoted(use.name) + " has no field " + quoted(use.field) +
                did_you_mean(use.field, std::vector<std::string>{fields.begin(), fields.end()}),
            use.source);
}

ItemName NameResolver::item_name_of(std::uint32_t task, std::string_view name) const {
  const TaskSpec& spec = spec_.tasks[task];
  if (spec.mapping.expand[name].exists()) return ItemName::yes;
  const GroupIndex group = mapped_group(spec_, spec.in_group);
  return group.valid() ? item_name(spec_.groups[group.value].mapping, name) : ItemName::no;
}

std::string NameResolver::prefix_of(const Read& read) {
  return read.placeholder.empty() ? std::string{} : std::string{read.placeholder} + ": ";
}

void NameResolver::tell_unknown(const Read& read) {
  if (!told_.insert({read.source.text().data(), read.name}).second) return;
  std::vector<std::string> own;
  if (read.task != ReadingPlace::kEnd && read.of_group == nullptr) {
    const TaskSpec& task = spec_.tasks[read.task];
    for (const Json& items : task.mapping.expand) own.emplace_back(items.key());
    const GroupIndex group = mapped_group(spec_, task.in_group);
    if (group.valid()) {
      for (const Json& items : spec_.groups[group.value].mapping.expand) own.emplace_back(items.key());
    }
  }
  std::string guess = did_you_mean(read.name, own);
  if (is_callback_name(read.name)) guess = "; only callbacks know it";
  if (!names_) names_.emplace(visible_names(published_));
  if (guess.empty()) guess = names_->guess(read.name);
  add_error(errors_, "spec.unknown_name", prefix_of(read) + "no task publishes " + quoted(read.name) + guess,
            read.source);
}

void NameResolver::tell_not_upstream(const Read& read, std::uint32_t publisher) {
  if (!told_.insert({read.source.text().data(), read.name}).second) return;
  const std::string reader = read.of_group != nullptr
                                 ? "everything in group " + quoted(spec_.groups[read.of_group->group.value].id)
                                 : quoted(id_of(read.task));
  const std::string who = publisher == read.task && read.of_group == nullptr
                              ? "this task itself, and only when it is done"
                              : "task " + quoted(id_of(publisher)) + ", which is not upstream of " + reader;
  add_error(errors_, "spec.not_upstream", prefix_of(read) + quoted(read.name) + " is published by " + who, read.source);
}

std::string NameResolver::id_of(std::uint32_t task) const { return std::string{spec_.tasks[task].id()}; }

std::span<const std::uint32_t> NameResolver::readers_of(const Read& read) {
  if (read.of_group != nullptr) return read.of_group->roots;
  if (read.task == ReadingPlace::kEnd) return {};
  return {&read.task, 1};
}

void NameResolver::check_order(const TaskGraph& graph) {
  std::vector<TaskGraph::Pair> pairs;
  for (const Read& read : reads_) {
    for (const std::uint32_t producer : read.producers) {
      for (const std::uint32_t reader : readers_of(read)) pairs.push_back({producer, reader});
    }
  }
  const std::vector<bool> upstream = graph.are_upstream(pairs);
  const std::vector<std::uint32_t> position = graph.positions();
  std::size_t pair = 0;
  for (Read& read : reads_) {
    if (read.producers.empty()) continue;
    const std::uint32_t first = read.producers.front();
    const std::size_t readers = readers_of(read).size();
    std::erase_if(read.producers, [&](std::uint32_t) {
      const auto answers = upstream.begin() + static_cast<std::ptrdiff_t>(pair);
      pair += readers;
      return std::find(answers, answers + static_cast<std::ptrdiff_t>(readers), false) !=
             answers + static_cast<std::ptrdiff_t>(readers);
    });
    if (read.producers.empty()) tell_not_upstream(read, first);
    std::sort(read.producers.begin(), read.producers.end(), [&](auto a, auto b) { return position[a] > position[b]; });
  }
  check_publishers(graph);
}

void NameResolver::check_publishers(const TaskGraph& graph) {
  const std::vector<std::uint32_t> position = graph.positions();
  std::vector<TaskGraph::Pair> pairs;
  std::vector<std::string_view> keys;  // of each pair
  for (const auto& [key, tasks] : published_.publishers()) {
    if (tasks.size() < 2) continue;
    std::vector<std::uint32_t> in_order = tasks;
    std::sort(in_order.begin(), in_order.end(), [&](auto a, auto b) { return position[a] < position[b]; });
    for (std::size_t i = 1; i < in_order.size(); ++i) pairs.push_back({in_order[i - 1], in_order[i]});
    keys.resize(pairs.size(), key);
  }
  const std::vector<bool> ordered = graph.are_upstream(pairs);
  std::vector<TaskGraph::Pair> unordered;
  std::vector<std::string_view> unordered_keys;
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    if (ordered[p]) continue;
    unordered.push_back(pairs[p]);
    unordered_keys.push_back(keys[p]);
  }
  // An operator branches, or this task of it does, since it was told the ids of tasks to choose from.
  std::vector<bool> branches(params_.size());
  for (std::size_t t = 0; t < branches.size(); ++t) {
    branches[t] = (ops_[t] != nullptr && ops_[t]->traits.branches) || !params_[t].downstream.empty();
  }
  const std::vector<bool> exclusive = are_exclusive(graph, branches, unordered);
  for (std::size_t p = 0; p < unordered.size(); ++p) {
    if (!exclusive[p]) tell_duplicate(unordered[p], unordered_keys[p]);
  }
}

void NameResolver::tell_duplicate(const TaskGraph::Pair& pair, std::string_view key) {
  const auto [first, second] = std::minmax(pair.upstream, pair.task);
  add_error(errors_, "spec.duplicate_output_key",
            "task " + quoted(id_of(first)) + " publishes " + quoted(key) + " too (line " +
                std::to_string(published_.source_of(first, key).position().line) +
                "), and neither of the two runs before the other",
            published_.source_of(second, key));
}

std::vector<ContextRead> NameResolver::reads_of(std::uint32_t place) const { return context_reads(place, false); }

std::vector<ContextRead> NameResolver::opened_of(std::uint32_t place) const { return context_reads(place, true); }

std::vector<ContextRead> NameResolver::needs_of(std::uint32_t place) const {
  std::vector<ContextRead> needs = reads_of(place);
  std::erase_if(needs, [](const ContextRead& read) { return read.producers.empty(); });
  return needs;
}

std::vector<ContextRead> NameResolver::context_reads(std::uint32_t place, bool opened) const {
  std::vector<ContextRead> reads;
  for (std::uint32_t r = first_read_[place]; r < first_read_[place + 1]; ++r) {
    if (reads_[r].opened != opened) continue;
    ContextRead& read = reads.emplace_back(ContextRead{std::string{reads_[r].name}, {}});
    for (const std::uint32_t producer : reads_[r].producers) read.producers.push_back(TaskIndex{producer});
  }
  return reads;
}

}  // namespace leeward
