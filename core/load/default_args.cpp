#include <string>
#include <vector>

#include "core/base/suggestion.hpp"
#include "core/load/airflow_words.hpp"
#include "core/load/spec_keys.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

std::vector<std::string> known_defaults(bool of_dag) {
  std::vector<std::string> known;
  for (const TaskKey& key : task_keys()) {
    if (key.in_default_args) known.emplace_back(key.name);
  }
  for (const DagKey& key : default_args_dag_keys()) {
    if (of_dag) known.emplace_back(key.name);
  }
  return known;
}

}  // namespace

void tell_unknown_key(const Json& member, std::string_view where, const std::vector<std::string>& known,
                      std::string_view otherwise, Errors& errors) {
  const std::string key{member.key()};
  std::string guess = instead_of_airflows(key);
  if (guess.empty()) guess = did_you_mean(key, known);
  add_key_error(errors, "spec.unknown_key",
                "no key \"" + key + "\" in " + std::string{where} + (guess.empty() ? std::string{otherwise} : guess),
                member);
}

void read_default_args(const Json& defaults, TaskSpec& into, DagSpec* dag, Errors& errors) {
  if (!expect(defaults.is_object(), "an object of task keys", defaults, errors)) return;
  for (const Json& member : defaults) {
    const TaskKey* key = find_key(task_keys(), member.key());
    const DagKey* dag_key = dag == nullptr ? nullptr : find_key(default_args_dag_keys(), member.key());
    if (key != nullptr && key->in_default_args) {
      key->read(member, into, errors);
    } else if (dag_key != nullptr) {
      dag_key->read(member, *dag, errors);
    } else if (key != nullptr) {
      add_key_error(errors, "spec.unknown_key",
                    "\"" + std::string{member.key()} + "\" belongs to one task and cannot be a default", member);
    } else if (has_room(errors)) {
      tell_unknown_key(member, "default_args", known_defaults(dag != nullptr), "", errors);
    }
  }
}

}  // namespace leeward
