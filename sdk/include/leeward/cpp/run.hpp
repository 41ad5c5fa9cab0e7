/// leeward.run/1 for C++: an operator that starts a run of another DAG, or looks at the runs of others.
///
///     return trigger_run(task.defer(), R"({"dag": "report", "wait": true})",
///                        [](Deferred& deferred, const RunResult& run) {
///                          run.throw_if_failed();
///                          deferred.task().result_json(std::string(run.json()));
///                        });
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <leeward/cpp/deferred.hpp>
#include <leeward/ext/run.h>

LW_SDK_BEGIN

/// How a trigger ended. Borrowed: valid inside the callback.
class LW_SDK_TYPE RunResult {
 public:
  explicit RunResult(const lw_run_result* raw) noexcept : raw_(raw) {}

  lw_code outcome() const noexcept { return raw_->outcome; }
  /// {"run_id": "...", "dag_id": "...", "state": "..."}; empty if no run was started.
  std::string_view json() const noexcept { return view(raw_->result_json); }
  /// "run.exists" ...; empty if there is no error.
  std::string_view error_type() const noexcept { return raw_->error ? view(raw_->error->type) : std::string_view(); }
  /// Throws if no run was started.
  void throw_if_failed() const {
    if (outcome() != LW_OK) throw Error::from(outcome(), raw_->error);
  }

 private:
  const lw_run_result* raw_;
};

/// The part of the task after it: returning ends it with success, throwing does not, moving the Deferred on continues
/// it.
using OnRunDone = std::function<void(Deferred&, const RunResult&)>;

namespace detail {

struct PendingRun {
  Deferred held;
  OnRunDone on_done;

  static void done(void* arg, const lw_run_result* result) noexcept {
    const std::unique_ptr<PendingRun> self(static_cast<PendingRun*>(arg));
    go_on(std::move(self->held), [&](Deferred& deferred) { self->on_done(deferred, RunResult(result)); });
  }
};

inline const lw_run& runs_or_throw() {
  const auto* runs = extension<lw_run>(LW_EXT_RUN);
  if (!runs) throw fail("no_extension", "this host starts no runs (" LW_EXT_RUN ")");
  return *runs;
}

}  // namespace detail

/// [task] Starts a run; `request_json` as lw_run.trigger has it. The task goes on in `on_done`, on any thread, perhaps
/// before this returns. Always answers LW_DEFERRED: what cannot be asked for ends the task as failed, with the host's
/// message.
inline lw_code trigger_run(Deferred deferred, std::string_view request_json, OnRunDone on_done) {
  const auto* runs = extension<lw_run>(LW_EXT_RUN);
  if (!runs) {
    deferred.finish(fail("no_extension", "this host starts no runs (" LW_EXT_RUN ")"));
    return LW_DEFERRED;
  }
  lw_task* const task = deferred.task().raw();
  auto* pending = new detail::PendingRun{std::move(deferred), std::move(on_done)};
  if (runs->trigger(task, lend(request_json), &detail::PendingRun::done, pending) != LW_OK) {
    const std::unique_ptr<detail::PendingRun> refused(pending);
    refused->held.finish(LW_FAIL);  // the host has noted why
  }
  return LW_DEFERRED;
}

/// [any] How a run went; query and answer as lw_run.task_states has them. Throws what the host has noted.
inline Buf run_states(Task task, std::string_view query_json) {
  const lw_buf* answer = nullptr;
  const lw_code code = detail::runs_or_throw().task_states(task.raw(), lend(query_json), &answer);
  if (code != LW_OK) throw Error::noted_by_host(LW_FAIL);
  return Buf(answer);
}

LW_SDK_END
