#include <array>
#include <string>

#include "core/load/callback_spec.hpp"
#include "core/load/dependency_line.hpp"
#include "core/load/params_spec.hpp"
#include "core/load/schedule_spec.hpp"
#include "core/load/spec_keys.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

void read_dag_id(const Json& value, DagSpec& dag, Errors& errors) {
  if (read_id(value, errors)) dag.header.id = value.string();
}

void read_description(const Json& value, DagSpec& dag, Errors& errors) {
  if (expect(value.is_string(), "a text", value, errors)) dag.header.description = value.string();
}

void read_tags(const Json& value, DagSpec& dag, Errors& errors) {
  if (!expect(value.is_array(), "a list of texts", value, errors)) return;
  for (const Json& tag : value) {
    if (!expect(tag.is_string(), "a text", tag, errors)) continue;
    if (tag.string().empty() || tag.string().size() > 100) {
      add_error(errors, "spec.value", "a tag has from 1 to 100 bytes", tag);
    }
    dag.header.tags.emplace_back(tag.string());
  }
}

void read_dependencies(const Json& value, DagSpec& dag, Errors& errors) {
  if (!expect(value.is_array(), "a list of lines such as \"a >> [b, c] >> d\"", value, errors)) return;
  for (const Json& line : value) {
    if (!expect(line.is_string(), "a line such as \"a >> [b, c] >> d\"", line, errors)) continue;
    parse_dependency_line(line, kMaxEdges, dag.edges, errors);
  }
}

void read_params(const Json& value, DagSpec& dag, Errors& errors) { read_params_spec(value, dag.header, errors); }

void read_dagrun_timeout(const Json& value, DagSpec& dag, Errors& errors) {
  if (value.is_null()) return;
  const auto timeout = read_duration(value, errors);
  if (timeout && timeout->count() == 0) {
    return add_error(errors, "spec.value", "a timeout of 0 leaves no time at all", value);
  }
  dag.header.dagrun_timeout = timeout;
}

void read_max_active_runs(const Json& value, DagSpec& dag, Errors& errors) {
  if (value.is_null()) return;
  if (const auto most = read_integer(value, 1, errors)) dag.header.max_active_runs = static_cast<std::size_t>(*most);
}

void read_max_active_tasks(const Json& value, DagSpec& dag, Errors& errors) {
  if (value.is_null()) return;
  if (const auto most = read_integer(value, 1, errors)) dag.header.max_active_tasks = static_cast<std::size_t>(*most);
}

void read_fail_fast(const Json& value, DagSpec& dag, Errors& errors) {
  dag.header.fail_fast = read_boolean(value, errors).value_or(false);
}

template <CallbackMoment kMoment>
void read_callbacks(const Json& value, DagSpec& dag, Errors& errors) {
  set_callbacks(dag.callbacks, kMoment, value, errors);
}

// ---- when `serve` starts it ----

void read_schedule(const Json& value, DagSpec& dag, Errors& errors) {
  check_schedule(value, errors);
  dag.schedule.schedule = Value{std::string{value.text()}};  // a copy: it outlives the text
}

void read_start_date(const Json& value, DagSpec& dag, Errors& errors) {
  if (!value.is_null()) dag.schedule.start_date = read_date(value, errors);
}

void read_end_date(const Json& value, DagSpec& dag, Errors& errors) {
  if (!value.is_null()) dag.schedule.end_date = read_date(value, errors);
}

void read_catchup(const Json& value, DagSpec& dag, Errors& errors) {
  dag.schedule.catchup = read_boolean(value, errors).value_or(false);
}

// ---- for people and editors ----

void text_only(const Json& value, DagSpec&, Errors& errors) { expect(value.is_string(), "a text", value, errors); }

/// The parser itself reads these, when everything else is known.
void read_later(const Json&, DagSpec&, Errors&) {}

constexpr std::array kDagKeys{
    DagKey{"dag_id", read_dag_id},
    DagKey{"description", read_description},
    DagKey{"doc", text_only},
    DagKey{"owner", text_only},
    DagKey{"tags", read_tags},
    DagKey{"schedule", read_schedule},
    DagKey{"start_date", read_start_date},
    DagKey{"end_date", read_end_date},
    DagKey{"catchup", read_catchup},
    DagKey{"params", read_params},
    DagKey{"default_args", read_later},
    DagKey{"tasks", read_later},
    DagKey{"groups", read_later},
    DagKey{"dependencies", read_dependencies},
    DagKey{"dagrun_timeout", read_dagrun_timeout},
    DagKey{"max_active_runs", read_max_active_runs},
    DagKey{"max_active_tasks", read_max_active_tasks},
    DagKey{"fail_fast", read_fail_fast},
    DagKey{"on_success", read_callbacks<CallbackMoment::success>},
    DagKey{"on_failure", read_callbacks<CallbackMoment::failure>},
    DagKey{"$schema", text_only},
};

constexpr std::array kDefaultArgsDagKeys{
    DagKey{"start_date", read_start_date},
    DagKey{"end_date", read_end_date},
};

}  // namespace

std::span<const DagKey> dag_keys() noexcept { return kDagKeys; }
std::span<const DagKey> default_args_dag_keys() noexcept { return kDefaultArgsDagKeys; }

}  // namespace leeward
