#include "core/load/spec_parser.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/load/group_reader.hpp"
#include "core/load/spec_keys.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

std::string missing_key(std::string_view key, std::string_view what) {
  return std::string{what} + " needs a \"" + std::string{key} + "\"";
}

class SpecParser {
 public:
  SpecParser(std::shared_ptr<const JsonDocument> document, Errors& errors) : errors_(errors) {
    spec_.document = std::move(document);
  }

  DagSpec parse() {
    const Json root = spec_.document->root();
    if (!expect(root.is_object(), "an object, {\"dag_id\": ..., \"tasks\": [...]}", root, errors_))
      return std::move(spec_);
    for (const Json& member : root) read_dag_key(member);
    if (!root["dag_id"].exists()) add_error(errors_, "spec.missing_key", missing_key("dag_id", "a DAG"), root);
    if (!root["tasks"].exists()) add_error(errors_, "spec.missing_key", missing_key("tasks", "a DAG"), root);
    if (const Json defaults = root["default_args"]; defaults.exists()) {
      read_default_args(defaults, defaults_, &spec_, errors_);
    }
    if (const Json groups = root["groups"]; groups.exists()) groups_.declare(groups, defaults_);
    settle_dates(root);
    if (!spec_.schedule.schedule.is_null()) check_unattended(root);
    if (const Json tasks = root["tasks"]; tasks.exists()) read_tasks(tasks);
    groups_.place_tasks();
    return std::move(spec_);
  }

 private:
  void read_dag_key(const Json& member) {
    if (const DagKey* key = find_key(dag_keys(), member.key())) return key->read(member, spec_, errors_);
    if (has_room(errors_)) tell_unknown_key(member, "a DAG", names_of(dag_keys()), "", errors_);
  }

  /// What the DAG says of itself wins over default_args, wherever in the text it stands.
  void settle_dates(const Json& root) {
    if (const Json date = root["start_date"]; date.is_string()) own_date(date, spec_.schedule.start_date);
    if (const Json date = root["end_date"]; date.is_string()) own_date(date, spec_.schedule.end_date);
    const ScheduleSpec& when = spec_.schedule;
    if (!when.start_date || !when.end_date || *when.end_date >= *when.start_date) return;
    const Json end = root["end_date"].exists() ? root["end_date"] : root["default_args"]["end_date"];
    add_error(errors_, "spec.date", "the end_date is before the start_date, so no run would ever start", end);
  }

  /// A run that a schedule starts is given nothing. Airflow refuses both as well.
  void check_unattended(const Json& root) {
    const bool has_start = root["start_date"].is_string() || root["default_args"]["start_date"].is_string();
    if (spec_.schedule.catchup && !has_start) {
      add_error(errors_, "spec.date", "to catch up what was missed a DAG needs a \"start_date\"", root["catchup"]);
    }
    for (const Dag::Param& param : spec_.header.declared_params) {
      if (!param.required) continue;
      add_key_error(errors_, "spec.params",
                    "a run that the schedule starts is given no \"" + param.name + "\": it needs a default",
                    root["params"][param.name]);
    }
  }

  static void own_date(const Json& date, std::optional<Timestamp>& kept) {
    Errors told_before;
    kept = read_date(date, told_before);
  }

  void read_tasks(const Json& tasks) {
    if (!expect(tasks.is_array(), "a list of tasks", tasks, errors_)) return;
    if (tasks.size() == 0) return add_error(errors_, "spec.value", "a DAG has at least one task", tasks);
    if (tasks.size() > kMaxTasks) {
      return add_error(
          errors_, "spec.limit",
          "a DAG has at most " + std::to_string(kMaxTasks) + " tasks, and this has " + std::to_string(tasks.size()),
          tasks);
    }
    spec_.tasks.reserve(tasks.size());
    for (const Json& task : tasks) {
      if (expect(task.is_object(), "a task, {\"task_id\": ..., \"operator\": ...}", task, errors_)) read_task(task);
    }
  }

  void read_task(const Json& source) {
    TaskSpec& task = spec_.tasks.emplace_back(groups_.defaults_of(source, defaults_));
    task.source = source;
    bool has_id = false;
    bool has_operator = false;
    for (const Json& member : source) {
      const std::string_view name = member.key();
      has_id |= name == "task_id";
      has_operator |= name == "operator";
      if (const TaskKey* key = find_key(task_keys(), name)) {
        key->read(member, task, errors_);
      } else if (has_room(errors_)) {
        tell_unknown_key(member, "a task", names_of(task_keys()), "; what the operator takes stands under \"with\"",
                         errors_);
      }
    }
    if (!has_id) add_error(errors_, "spec.missing_key", missing_key("task_id", "a task"), source);
    if (!has_operator) add_error(errors_, "spec.missing_key", "a task needs an \"operator\"", source);
  }

  Errors& errors_;
  DagSpec spec_;
  TaskSpec defaults_;
  GroupReader groups_{spec_, errors_};
};

}  // namespace

DagSpec parse_spec(std::shared_ptr<const JsonDocument> document, Errors& errors) {
  return SpecParser{std::move(document), errors}.parse();
}

}  // namespace leeward
