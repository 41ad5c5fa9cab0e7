#include "core/engine/task_scope.hpp"

#include <algorithm>

#include "core/base/time_format.hpp"
#include "core/model/builtin_names.hpp"

namespace leeward {
namespace {

std::string without(std::string text, std::string_view characters) {
  std::erase_if(text, [&](char c) { return characters.find(c) != characters.npos; });
  return text;
}

/// Airflow's `ts`: "2024-01-01T00:00:00+00:00".
std::string airflow_ts(const std::string& rfc3339) { return rfc3339.substr(0, 19) + "+00:00"; }

}  // namespace

std::shared_ptr<const JsonDocument> run_facts(const RunInfo& run) {
  const std::string logical_date = format_timestamp(run.logical_date);
  const std::string ds = logical_date.substr(0, 10);
  JsonWriter out;
  out.begin_object();
  out.member("run_id", run.run_id).member("dag_id", run.dag_id).member("logical_date", logical_date);
  out.member("ds", ds).member("ds_nodash", without(ds, "-"));
  out.member("ts", airflow_ts(logical_date)).member("ts_nodash", without(logical_date.substr(0, 19), "-:"));
  if (run.data_interval) {
    out.member("data_interval_start", format_timestamp(run.data_interval->first));
    out.member("data_interval_end", format_timestamp(run.data_interval->second));
  }
  out.key("params").raw(run.params.json()).key("conf").raw(run.conf.json());
  out.end_object();
  return JsonDocument::of(Value{out.take()});
}

RunContext::Reader TaskScope::reader() const noexcept {
  return {attempt_.task ? attempt_.task->mapped_group : GroupIndex{}, attempt_.map_index};
}

Json TaskScope::find(std::string_view name) const {
  for (const auto& [key, item] : items_) {
    if (key == name) return item;
  }
  for (const ContextRead& read : reads_) {
    if (read.name == name && !read.producers.empty()) return context_.look(read, reader());
  }
  if (attempt_.also) {
    if (const Json told = attempt_.also->root()[name]) return told;
  }
  if (!is_builtin_name(name)) return {};
  if (const Json fact = facts_.root()[name]) return fact;
  return own_fact(name);
}

Json TaskScope::own_fact(std::string_view name) const {
  if (!attempt_.task) return {};
  if (!own_facts_) {
    JsonWriter out;
    out.begin_object().member("task_id", attempt_.task->id).member("map_index", attempt_.map_index);
    out.member("try_number", attempt_.try_number).end_object();
    own_facts_ = JsonDocument::of(Value{out.take()});
  }
  return own_facts_->root()[name];
}

std::vector<std::string> TaskScope::names() const {
  std::vector<std::string> all(kBuiltinNames.begin(), kBuiltinNames.end());
  for (const auto& [key, item] : items_) all.emplace_back(key);
  if (attempt_.also) {
    for (const Json& told : attempt_.also->root()) all.emplace_back(told.key());
  }
  for (const ContextRead& read : reads_) {
    if (!read.producers.empty() && context_.find(read, reader())) all.push_back(read.name);
  }
  return all;
}

}  // namespace leeward
