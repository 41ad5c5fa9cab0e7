/// leeward.flow/1, leeward.input/1 and leeward.wait/1 of the harness's host: what a task says of the run around it.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <leeward/cpp/json_walk.hpp>
#include <leeward/ext/flow.h>
#include <leeward/ext/input.h>
#include <leeward/ext/wait.h>
#include <leeward/testing/fake_task.hpp>

namespace leeward::testing {

struct FakeFlow {
  static lw_code skip_downstream(lw_task* task, std::int32_t which) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("flow.skip_downstream", true)) return LW_INVALID;
    if (which < LW_DOWNSTREAM_NONE || which > LW_DOWNSTREAM_ALL) {
      self.fail_call("flow.invalid", "skip_downstream() knows no " + std::to_string(which));
      return LW_INVALID;
    }
    if (self.depth() > 0) {
      self.fail_call("flow.denied", "an operator that another one called skips no tasks");
      return LW_DENIED;
    }
    self.set_skip_downstream(which);
    return LW_OK;
  }
};

struct FakeInput {
  static lw_code ask(lw_task* task, lw_str request_json) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("input.ask", true)) return LW_INVALID;
    if (self.depth() > 0) {
      self.fail_call("input.denied", "an operator that another one called asks nobody");
      return LW_DENIED;
    }
    if (const std::string fault = fault_of(sdk::view(request_json)); !fault.empty()) {
      self.fail_call("input.request", fault);
      return LW_INVALID;
    }
    self.set_asked(std::string(sdk::view(request_json)));
    return LW_OK;
  }

  static lw_code answer(lw_task* task, const lw_buf** out) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("input.answer") || !out) return LW_INVALID;
    const std::string& said = self.world().script.input_answer;
    if (said.empty() || self.depth() > 0) return LW_NOT_FOUND;
    *out = self.borrowed("answer", said);
    return LW_OK;
  }

 private:
  /// What a host would say of the request's shape; the values in it are the host's to check.
  static std::string fault_of(std::string_view request) {
    static constexpr std::array<std::string_view, 8> kMembers{"subject",  "body", "options",     "multiple",
                                                              "defaults", "form", "respondents", "timeout_ms"};
    if (!is_json_object(request)) return "what is asked for is an object";
    for (const auto& [name, value] : sdk::members(request))
      if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end())
        return "there is no member \"" + name + "\"";
    return {};
  }
};

struct FakeWait {
  static std::int64_t waited_ms(lw_task* task) { return FakeTask::of(task).world().script.waited_ms; }
  static std::int64_t reschedules(lw_task* task) { return FakeTask::of(task).world().script.reschedules; }
};

}  // namespace leeward::testing
