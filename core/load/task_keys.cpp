#include <algorithm>
#include <array>
#include <string>

#include "core/load/callback_spec.hpp"
#include "core/load/guesser.hpp"
#include "core/load/spec_keys.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"
#include "core/load/template_parser.hpp"

namespace leeward {

namespace {

// ---- what a task is ----

void read_task_id(const Json& value, TaskSpec& task, Errors& errors) {
  if (read_id(value, errors)) task.task_id = value;
}

void read_operator(const Json& value, TaskSpec& task, Errors& errors) {
  if (expect(value.is_string(), "an operator's name", value, errors)) task.op = value;
}

void read_with(const Json& value, TaskSpec& task, Errors& errors) {
  if (expect(value.is_object(), "an object, the operator's parameters", value, errors)) task.with = value;
}

void read_expand(const Json& value, TaskSpec& task, Errors&) { task.mapping.expand = value; }

void read_expand_kwargs(const Json& value, TaskSpec& task, Errors&) { task.mapping.expand_kwargs = value; }

void read_max_map_length(const Json& value, TaskSpec& task, Errors&) { task.mapping.max_map_length = value; }

bool expect_name(const Json& value, Errors& errors) {
  if (is_template_name(value.string()) && value.string().size() <= 128) return true;
  add_error(errors, "spec.name",
            "a name that templates can use begins with a letter or '_', goes on with letters, digits, '_' and '-', and "
            "has at most 128 bytes; this is " +
                std::string{value.text().substr(0, 64)},
            value);
  return false;
}

void read_output_key(const Json& value, TaskSpec& task, Errors& errors) {
  if (expect(value.is_string(), "a name", value, errors) && expect_name(value, errors)) task.output_key = value;
}

void read_depends_on(const Json& value, TaskSpec& task, Errors& errors) {
  if (!expect(value.is_array(), "a list of task ids", value, errors)) return;
  for (const Json& id : value) expect(id.is_string(), "a task id", id, errors);
  task.depends_on = value;
}

void read_doc(const Json& value, TaskSpec& task, Errors& errors) {
  if (expect(value.is_string(), "a text", value, errors)) task.doc = value;
}

// ---- where it stands ----

void read_group(const Json& value, TaskSpec& task, Errors& errors) {
  if (!value.is_null() && read_id(value, errors)) task.group = value;
}

void read_setup(const Json& value, TaskSpec& task, Errors& errors) {
  task.is_setup = read_boolean(value, errors).value_or(false);
}

void read_teardown(const Json& value, TaskSpec& task, Errors& errors) {
  if (value.is_boolean() && !value.boolean()) return;
  constexpr std::string_view kExpected = "true, or the ids of the setups it belongs to";
  if (!expect(value.is_boolean() || value.is_string() || value.is_array(), kExpected, value, errors)) return;
  for (const Json& id : value) expect(id.is_string(), "the id of a setup", id, errors);
  task.teardown = value;
}

void read_on_failure_fail_dagrun(const Json& value, TaskSpec& task, Errors& errors) {
  task.on_failure_fail_dagrun = read_boolean(value, errors).value_or(false);
}

// ---- how it runs ----

void read_trigger_rule(const Json& value, TaskSpec& task, Errors& errors) {
  if (!expect(value.is_string(), "a trigger rule", value, errors)) return;
  if (const auto rule = trigger_rule_of(value.string())) {
    task.trigger_rule = value;
    task.settings.trigger_rule = *rule;
    return;
  }
  std::vector<std::string> words;
  for (const std::string_view word : trigger_rule_words()) words.emplace_back(word);
  const std::string word{value.string()};
  add_error(errors, "spec.value", "no trigger rule \"" + word + "\"" + Guesser{words}.guess(word, true), value);
}

void read_retries(const Json& value, TaskSpec& task, Errors& errors) {
  const auto count = read_integer(value, 0, errors);
  if (!count) return;
  if (*count > kMaxRetries) {
    add_error(errors, "spec.limit", "expected at most " + std::to_string(kMaxRetries) + " retries", value);
    return;
  }
  task.settings.retry.retries = *count;
}

void read_retry_delay(const Json& value, TaskSpec& task, Errors& errors) {
  if (const auto delay = read_duration(value, errors)) task.settings.retry.delay = *delay;
}

void read_backoff(const Json& value, TaskSpec& task, Errors& errors) {
  if (value.is_boolean()) {
    task.settings.retry.exponential_backoff = value.boolean() ? 2 : 0;
  } else if (expect(value.is_number(), "a multiplier, or true for 2", value, errors)) {
    if (value.number() < 0 || value.number() > 1000) {
      return add_error(errors, "spec.value", "expected a multiplier from 0 to 1000", value);
    }
    task.settings.retry.exponential_backoff = value.number();
  }
}

void read_max_retry_delay(const Json& value, TaskSpec& task, Errors& errors) {
  if (value.is_null()) {
    task.settings.retry.max_delay.reset();
  } else if (const auto delay = read_duration(value, errors)) {
    task.settings.retry.max_delay = *delay;
  }
}

void read_execution_timeout(const Json& value, TaskSpec& task, Errors& errors) {
  if (value.is_null()) {
    task.settings.execution_timeout.reset();
  } else if (const auto timeout = read_duration(value, errors)) {
    if (timeout->count() == 0) return add_error(errors, "spec.value", "a timeout of 0 leaves no time at all", value);
    task.settings.execution_timeout = *timeout;
  }
}

void read_do_xcom_push(const Json& value, TaskSpec& task, Errors& errors) {
  if (const auto push = read_boolean(value, errors)) task.settings.do_xcom_push = *push;
}

void read_multiple_outputs(const Json& value, TaskSpec& task, Errors& errors) {
  constexpr std::string_view kExpected = "true, false, or a list of names";
  if (!expect(value.is_boolean() || value.is_array(), kExpected, value, errors)) return;
  for (const Json& name : value) {
    if (expect(name.is_string(), "a name", name, errors)) expect_name(name, errors);
  }
  task.settings.multiple_outputs = value;
}

// ---- when it may start ----

void read_depends_on_past(const Json& value, TaskSpec& task, Errors& errors) {
  if (const auto depends = read_boolean(value, errors)) task.settings.depends_on_past = *depends;
}

void read_wait_for_downstream(const Json& value, TaskSpec& task, Errors& errors) {
  if (const auto waits = read_boolean(value, errors)) task.settings.wait_for_downstream = *waits;
}

void read_ignore_first(const Json& value, TaskSpec& task, Errors& errors) {
  if (const auto ignores = read_boolean(value, errors)) task.settings.ignore_first_depends_on_past = *ignores;
}

void read_priority_weight(const Json& value, TaskSpec& task, Errors& errors) {
  if (const auto weight = read_integer(value, INT32_MIN, errors)) task.settings.priority_weight = *weight;
}

void read_weight_rule(const Json& value, TaskSpec& task, Errors& errors) {
  static const std::vector<std::string> kRules{"downstream", "upstream", "absolute"};  // in the order of the enum
  if (!expect(value.is_string(), "a weight rule", value, errors)) return;
  const auto rule = std::find(kRules.begin(), kRules.end(), value.string());
  if (rule != kRules.end()) {
    task.settings.weight_rule = static_cast<WeightRule>(rule - kRules.begin());
    return;
  }
  const std::string word{value.string()};
  add_error(errors, "spec.value", "no weight rule \"" + word + "\"" + Guesser{kRules}.guess(word, true), value);
}

/// Whether there is such a pool, the host knows.
void read_pool(const Json& value, TaskSpec& task, Errors& errors) {
  if (!expect(value.is_string(), "a pool's name", value, errors)) return;
  if (value.string().empty() || value.string().size() > kMaxPoolName) {
    return add_error(errors, "spec.value", "a pool's name has from 1 to " + std::to_string(kMaxPoolName) + " bytes",
                     value);
  }
  task.settings.pool = value.string();
}

void read_pool_slots(const Json& value, TaskSpec& task, Errors& errors) {
  if (const auto slots = read_integer(value, 1, errors)) task.settings.pool_slots = *slots;
}

void read_max_active_tis(const Json& value, TaskSpec& task, Errors& errors) {
  if (value.is_null()) {
    task.settings.max_active_tis_per_dagrun = 0;
  } else if (const auto most = read_integer(value, 1, errors)) {
    task.settings.max_active_tis_per_dagrun = *most;
  }
}

// ---- whom it tells ----

template <CallbackMoment kMoment>
void read_callbacks(const Json& value, TaskSpec& task, Errors& errors) {
  set_callbacks(task.settings.callbacks, kMoment, value, errors);
}

// ---- for people ----

/// Who owns a task: for people, in default_args and in tasks alike.
void owner(const Json& value, TaskSpec&, Errors& errors) { expect(value.is_string(), "a text", value, errors); }

// The ones that stand in most tasks come first: the table is searched from its beginning.
constexpr std::array kTaskKeys{
    TaskKey{"task_id", false, read_task_id},
    TaskKey{"operator", false, read_operator},
    TaskKey{"with", false, read_with},
    TaskKey{"depends_on", false, read_depends_on},
    TaskKey{"output_key", false, read_output_key},
    TaskKey{"expand", false, read_expand},
    TaskKey{"expand_kwargs", false, read_expand_kwargs},
    TaskKey{"max_map_length", false, read_max_map_length},
    TaskKey{"trigger_rule", true, read_trigger_rule},
    TaskKey{"retries", true, read_retries},
    TaskKey{"retry_delay", true, read_retry_delay},
    TaskKey{"retry_exponential_backoff", true, read_backoff},
    TaskKey{"max_retry_delay", true, read_max_retry_delay},
    TaskKey{"execution_timeout", true, read_execution_timeout},
    TaskKey{"priority_weight", true, read_priority_weight},
    TaskKey{"weight_rule", true, read_weight_rule},
    TaskKey{"pool", true, read_pool},
    TaskKey{"pool_slots", true, read_pool_slots},
    TaskKey{"max_active_tis_per_dagrun", true, read_max_active_tis},
    TaskKey{"depends_on_past", true, read_depends_on_past},
    TaskKey{"wait_for_downstream", true, read_wait_for_downstream},
    TaskKey{"ignore_first_depends_on_past", true, read_ignore_first},
    TaskKey{"do_xcom_push", true, read_do_xcom_push},
    TaskKey{"multiple_outputs", true, read_multiple_outputs},
    TaskKey{"doc", false, read_doc},
    TaskKey{"owner", true, owner},
    TaskKey{"group", false, read_group},
    TaskKey{"setup", false, read_setup},
    TaskKey{"teardown", false, read_teardown},
    TaskKey{"on_failure_fail_dagrun", false, read_on_failure_fail_dagrun},
    TaskKey{"on_execute", true, read_callbacks<CallbackMoment::execute>},
    TaskKey{"on_success", true, read_callbacks<CallbackMoment::success>},
    TaskKey{"on_failure", true, read_callbacks<CallbackMoment::failure>},
    TaskKey{"on_retry", true, read_callbacks<CallbackMoment::retry>},
    TaskKey{"on_skipped", true, read_callbacks<CallbackMoment::skipped>},
};

}  // namespace

std::span<const TaskKey> task_keys() noexcept { return kTaskKeys; }

}  // namespace leeward
