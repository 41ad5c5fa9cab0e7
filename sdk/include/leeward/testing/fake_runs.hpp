/// leeward.run/1 of the harness's host: runs that are not, and what the Script says of them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include <leeward/cpp/json_walk.hpp>
#include <leeward/ext/run.h>
#include <leeward/testing/fake_task.hpp>

namespace leeward::testing {

struct FakeRuns {
  static lw_code trigger(lw_task* task, lw_str request_json, void (*on_done)(void*, const lw_run_result*), void* arg) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("run.trigger") || !on_done) return LW_INVALID;
    std::string request(sdk::view(request_json));
    if (const std::string fault = request_fault(request); !fault.empty()) {
      self.fail_call("run.invalid", "the request: " + fault);
      return LW_INVALID;
    }
    RunAnswer answer = answer_to(self.world(), std::move(request));
    const std::int64_t delay = answer.never ? EventQueue::kNever : answer.after_ms;
    self.world().post(delay, [&self, answer = std::move(answer), on_done, arg](bool cancelled) {
      if (self.is_over()) self.world().problem("the task ended while it waited for a run that it had triggered");
      const RunAnswer stopped = RunAnswer::failed("cancelled", "the task was cancelled", LW_CANCELLED);
      deliver(cancelled ? stopped : answer, on_done, arg);
    });
    return LW_OK;
  }

  static lw_code task_states(lw_task* task, lw_str query_json, const lw_buf** out) {
    FakeTask& self = FakeTask::of(task);
    const std::string query(sdk::view(query_json));
    if (!self.alive("run.task_states") || !out) return LW_INVALID;
    if (const std::string fault = query_fault(query); !fault.empty()) {
      self.fail_call("run.invalid", "the query: " + fault);
      return LW_INVALID;
    }
    try {
      const auto& scripted = self.world().script.on_task_states;
      const std::string none = R"({"run_id": null, "state": null, "tasks": {}})";
      *out = BufferLedger::instance().make(scripted ? scripted(query) : none);
      return LW_OK;
    } catch (const std::exception& error) {
      self.fail_call("run.store", error.what());
      return LW_FAIL;
    }
  }

 private:
  struct Member {
    std::string_view name;
    char first;  // of its JSON: '"', '{', '[', or 'b' for true and false
  };

  /// What a host would say of the shape: it knows no other members, and none of another type.
  template <std::size_t N>
  static std::string shape_fault(std::string_view json, const std::array<Member, N>& known) {
    if (!is_json_object(json)) return "it is no JSON object";
    for (const auto& [name, value] : sdk::members(json)) {
      const auto at = std::find_if(known.begin(), known.end(), [&, &n = name](const Member& m) { return m.name == n; });
      if (at == known.end()) return "there is no member \"" + name + "\"";
      const bool fits = at->first == 'b' ? value == "true" || value == "false" : value.front() == at->first;
      if (!fits) return "\"" + name + "\" is of another type";
    }
    return {};
  }
  static std::string request_fault(std::string_view request) {
    static constexpr std::array<Member, 6> kMembers{
        {{"dag", '"'}, {"conf", '{'}, {"params", '{'}, {"logical_date", '"'}, {"run_id", '"'}, {"wait", 'b'}}};
    if (std::string fault = shape_fault(request, kMembers); !fault.empty()) return fault;
    if (sdk::member(request, "dag").value_or("\"\"") == "\"\"") return "\"dag\" is missing or empty";
    if (sdk::member(request, "run_id").value_or("\"r\"") == "\"\"") return "\"run_id\" is empty";
    return {};
  }
  static std::string query_fault(std::string_view query) {
    static constexpr std::array<Member, 4> kMembers{
        {{"dag_id", '"'}, {"logical_date", '"'}, {"run_id", '"'}, {"task_ids", '['}}};
    if (std::string fault = shape_fault(query, kMembers); !fault.empty()) return fault;
    const bool dated = sdk::member(query, "dag_id") && sdk::member(query, "logical_date");
    const bool named = sdk::member(query, "run_id").has_value();
    return dated != named ? "" : "it takes either \"run_id\", or \"dag_id\" and \"logical_date\"";
  }

  static RunAnswer answer_to(World& world, std::string request) {
    {
      const std::lock_guard lock(world.mutex);
      world.script.triggers.push_back(request);
    }
    if (world.script.on_trigger) return world.script.on_trigger(request);
    world.problem("no run is scripted for " + request);
    return RunAnswer::failed("run.unknown_dag", "no run is scripted");
  }

  static void deliver(const RunAnswer& answer, void (*on_done)(void*, const lw_run_result*), void* arg) {
    const lw_error error = answer.error.raw();
    const bool started = answer.outcome == LW_OK;
    const lw_run_result result{sizeof result, answer.outcome,
                               started ? sdk::lend(answer.result_json) : lw_str{nullptr, 0},
                               started ? nullptr : &error};
    on_done(arg, &result);
  }
};

}  // namespace leeward::testing
