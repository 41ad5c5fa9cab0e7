#include "plugins/sensor/poke.hpp"

#include <algorithm>
#include <string>

#include <leeward/cpp/wait.hpp>

namespace sensor {
namespace {

using leeward::sdk::Error;
using leeward::sdk::fail;
using leeward::sdk::Task;

PokeRules rules_of(Task task) {
  PokeRules rules;
  rules.poke_interval_ms = time_text::duration_param_ms(task, "poke_interval").value_or(rules.poke_interval_ms);
  rules.timeout_ms = time_text::duration_param_ms(task, "timeout").value_or(rules.timeout_ms);
  rules.max_wait_ms = time_text::duration_param_ms(task, "max_wait");
  rules.exponential_backoff = task.param<bool>("exponential_backoff", false);
  rules.soft_fail = task.param<bool>("soft_fail", false);
  rules.never_fail = task.param<bool>("never_fail", false);
  rules.silent_fail = task.param<bool>("silent_fail", false);
  if (rules.soft_fail && rules.never_fail)
    throw fail("bad_value", "soft_fail and never_fail exclude each other: never_fail skips whatever fails");
  return rules;
}

std::string identity_of(Task task) {
  std::string identity;
  for (const char* fact : {"dag_id", "task_id", "run_id", "map_index"}) identity.append(task.info(fact)).append("#");
  return identity;
}

}  // namespace

Poke::Poke(Task task)
    : rules_(rules_of(task)), waited_ms_(leeward::sdk::waited_ms(task)), poke_(leeward::sdk::reschedules(task) + 1) {}

void Poke::judge(Task task, const Error& error) const {
  const bool failed = error.code() == LW_FAIL || error.code() == LW_RETRY;
  if (!failed) throw error;
  if (rules_.silent_fail && error.code() == LW_RETRY)
    return task.log(LW_LOG_WARN, "looking failed, which counts as not ready: " + error.message());
  // Airflow's soft_fail means what no retry would mend; never_fail means everything.
  const bool skips = rules_.never_fail || (rules_.soft_fail && error.code() == LW_FAIL);
  if (!skips) throw error;
  throw Error(error).as(LW_SKIP);
}

Error Poke::not_ready(Task task, const Look& seen) const {
  using std::chrono::milliseconds;
  const auto here = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - started_).count();
  const std::int64_t elapsed = waited_ms_ + here;
  if (elapsed >= rules_.timeout_ms) {
    const lw_code code = rules_.soft_fail || rules_.never_fail ? LW_SKIP : LW_FAIL;
    return {code, "sensor.timeout",
            "still not ready after " + time_text::format_ms(elapsed) + " and " + std::to_string(poke_) +
                (poke_ == 1 ? " look" : " looks") + "; the timeout is " + time_text::format_ms(rules_.timeout_ms)};
  }
  const std::int64_t wait = next_poke_ms(rules_, poke_, identity_of(task), rules_.timeout_ms - elapsed);
  return leeward::sdk::reschedule(std::max<std::int64_t>(std::min(wait, seen.within_ms), 0), "not ready yet");
}

}  // namespace sensor
