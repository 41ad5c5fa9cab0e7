#include "core/load/spec_parser.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/suggestion.hpp"
#include "core/load/airflow_words.hpp"
#include "core/load/spec_keys.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

template <class Key>
const Key* find_key(std::span<const Key> keys, std::string_view name) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

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
    if (const Json defaults = root["default_args"]; defaults.exists()) read_default_args(defaults);
    // What the DAG says of itself wins over default_args, wherever in the text it stands.
    if (const Json date = root["start_date"]; date.is_string()) own_date(date, spec_.schedule.start_date);
    if (const Json date = root["end_date"]; date.is_string()) own_date(date, spec_.schedule.end_date);
    const ScheduleSpec& when = spec_.schedule;
    if (when.start_date && when.end_date && *when.end_date < *when.start_date) {
      const Json end = root["end_date"].exists() ? root["end_date"] : root["default_args"]["end_date"];
      add_error(errors_, "spec.date", "the end_date is before the start_date, so no run would ever start", end);
    }
    if (const Json tasks = root["tasks"]; tasks.exists()) read_tasks(tasks);
    return std::move(spec_);
  }

 private:
  void read_dag_key(const Json& member) {
    if (const DagKey* key = find_key(dag_keys(), member.key())) return key->read(member, spec_, errors_);
    std::vector<std::string> known;
    for (const DagKey& key : dag_keys()) known.emplace_back(key.name);
    unknown_key(member, "a DAG", known, "");
  }

  static void own_date(const Json& date, std::optional<Timestamp>& kept) {
    Errors told_before;
    kept = read_date(date, told_before);
  }

  void read_default_args(const Json& defaults) {
    if (!expect(defaults.is_object(), "an object of task keys", defaults, errors_)) return;
    for (const Json& member : defaults) {
      const TaskKey* key = find_key(task_keys(), member.key());
      if (key != nullptr && key->in_default_args) {
        key->read(member, defaults_, errors_);
      } else if (const DagKey* dag_key = find_key(default_args_dag_keys(), member.key())) {
        dag_key->read(member, spec_, errors_);
      } else if (key != nullptr) {
        add_key_error(errors_, "spec.unknown_key",
                      "\"" + std::string{member.key()} + "\" belongs to one task and cannot be a default", member);
      } else {
        unknown_key(member, "default_args", default_args_keys(), "");
      }
    }
  }

  static std::vector<std::string> default_args_keys() {
    std::vector<std::string> known;
    for (const TaskKey& key : task_keys()) {
      if (key.in_default_args) known.emplace_back(key.name);
    }
    for (const DagKey& key : default_args_dag_keys()) known.emplace_back(key.name);
    return known;
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
    TaskSpec& task = spec_.tasks.emplace_back(defaults_);
    task.source = source;
    bool has_id = false;
    bool has_operator = false;
    for (const Json& member : source) {
      const std::string_view name = member.key();
      has_id |= name == "task_id";
      has_operator |= name == "operator";
      if (const TaskKey* key = find_key(task_keys(), name)) {
        key->read(member, task, errors_);
      } else {
        std::vector<std::string> known;
        for (const TaskKey& known_key : task_keys()) known.emplace_back(known_key.name);
        unknown_key(member, "a task", known, "; what the operator takes stands under \"with\"");
      }
    }
    if (!has_id) add_error(errors_, "spec.missing_key", missing_key("task_id", "a task"), source);
    if (!has_operator) add_error(errors_, "spec.missing_key", "a task needs an \"operator\"", source);
  }

  void unknown_key(const Json& member, std::string_view where, const std::vector<std::string>& known,
                   std::string_view otherwise) {
    const std::string key{member.key()};
    std::string guess = instead_of_airflows(key);
    if (guess.empty()) guess = did_you_mean(key, known);
    add_key_error(errors_, "spec.unknown_key",
                  "no key \"" + key + "\" in " + std::string{where} + (guess.empty() ? std::string{otherwise} : guess),
                  member);
  }

  Errors& errors_;
  DagSpec spec_;
  TaskSpec defaults_;
};

}  // namespace

DagSpec parse_spec(std::shared_ptr<const JsonDocument> document, Errors& errors) {
  return SpecParser{std::move(document), errors}.parse();
}

}  // namespace leeward
