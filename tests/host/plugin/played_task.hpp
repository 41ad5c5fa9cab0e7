#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "host/plugin/host_task.hpp"
#include "tests/host/plugin/host_fixture.hpp"

namespace leeward::test {

/// A task in the hands of an operator that the test plays.
struct Played {
  explicit Played(std::string params = "{}", OperatorTraits traits = {})
      : Played(RecordingAttempt::call_of(std::move(params)), traits) {}
  /// `depth`: how many operators called each other to get here.
  explicit Played(TaskCall call, OperatorTraits traits = {}, int depth = 0)
      : attempt(std::make_shared<RecordingAttempt>(host.listener, std::move(call))) {
    info.name = "played";
    info.traits = traits;
    task = HostTask::create(attempt, info, host.services, depth, [this] { ++released; });
    c = task.get();
    api = c->api;
  }
  lw_code set_result(std::string_view json) {
    const BufferRef buffer{buffer_new(json.data(), json.size())};
    return api->set_result(c, buffer.get());
  }
  /// The plugin's hold is not the test's: what would keep it alive goes.
  void forget() { task.reset(); }

  HostFixture host;
  OperatorInfo info;
  std::shared_ptr<RecordingAttempt> attempt;
  std::shared_ptr<HostTask> task;
  int released = 0;
  lw_task* c = nullptr;
  const lw_task_api* api = nullptr;
};

}  // namespace leeward::test
