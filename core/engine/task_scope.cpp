#include "core/engine/task_scope.hpp"

#include "core/base/time_format.hpp"
#include "core/model/builtin_names.hpp"
#include "core/model/date_texts.hpp"

namespace leeward {
namespace {

void write_interval(JsonWriter& out, const RunInfo& run) {
  if (!run.data_interval) return;
  out.member("data_interval_start", format_timestamp(run.data_interval->first));
  out.member("data_interval_end", format_timestamp(run.data_interval->second));
}

/// Airflow's `dag_run`, as far as a template may want it.
void write_dag_run(JsonWriter& out, const RunInfo& run) {
  out.key("dag_run").begin_object();
  out.member("run_id", run.run_id).member("dag_id", run.dag_id).member("run_type", run.run_type);
  out.member("logical_date", format_timestamp(run.logical_date));
  write_interval(out, run);
  out.key("conf").raw(run.conf.json()).end_object();
}

}  // namespace

std::shared_ptr<const JsonDocument> run_facts(const RunInfo& run) {
  const Timestamp date = run.logical_date;
  JsonWriter out;
  out.begin_object();
  out.member("run_id", run.run_id).member("dag_id", run.dag_id).member("run_type", run.run_type);
  out.member("logical_date", format_timestamp(date)).member("ds", ds_of(date)).member("ds_nodash", ds_nodash_of(date));
  out.member("ts", ts_of(date)).member("ts_nodash", ts_nodash_of(date));
  out.member("ts_nodash_with_tz", ts_nodash_with_tz_of(date));
  write_interval(out, run);
  write_dag_run(out, run);
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
    out.begin_object().member("task_id", attempt_.task->id);
    out.key("dag_id").raw(facts_.root()["dag_id"].text()).key("run_id").raw(facts_.root()["run_id"].text());
    out.member("map_index", attempt_.map_index).member("try_number", attempt_.try_number).end_object();
    own_facts_ = JsonDocument::of(Value{out.take()});
  }
  const bool all = name == "ti" || name == "task_instance";
  return all ? own_facts_->root() : own_facts_->root()[name];
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
