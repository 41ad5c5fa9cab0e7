/// Deferred: a task that goes on without a thread, and how exceptions are kept on this side of the interface.
///
///     lw_code execute(Task task) {
///       queue_.push_back(task.defer());          // for a thread of yours, which later does this with it:
///       return LW_DEFERRED;
///     }
///     go_on(std::move(deferred), [](Deferred& deferred) { deferred.task().result(42); });
///
/// A Deferred cannot be copied: in a std::function it needs a std::shared_ptr around it.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <leeward/cpp/task.hpp>

LW_SDK_BEGIN

namespace detail {

inline constexpr std::string_view kDropped = "dropped";

/// One call from the host into the plugin, of those that are on this thread's stack. When an exception leaves a
/// function that owned a Deferred, the Deferred is gone before anyone can see the exception; it then leaves its task
/// here, so that the task ends with what was thrown and not with "dropped".
struct Frame {
  explicit Frame(lw_task* of) noexcept : task(of), exceptions(std::uncaught_exceptions()), outer(top) { top = this; }
  ~Frame() { top = outer; }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  /// Called by a Deferred that is destroyed unfinished: is it because of an exception that this frame will catch?
  static bool takes_over(lw_task* dropped) noexcept {
    if (!top || top->task != dropped || std::uncaught_exceptions() <= top->exceptions) return false;
    top->orphaned = true;
    return true;
  }

  /// Ends the task whose Deferred was left here.
  void finish_orphan(lw_code outcome) const noexcept {
    if (outcome == LW_DEFERRED) {  // the exception was caught on the way, and nobody noticed what it took along
      const lw_error error{
          sizeof(lw_error), 0, -1, lend(kDropped), lend("a deferred task was lost to an exception"), {}};
      task->api->set_error(task, &error);
      outcome = LW_FAIL;
    }
    task->api->complete(task, outcome);
  }

  lw_task* task;
  int exceptions;
  Frame* outer;
  bool orphaned = false;
  static inline thread_local Frame* top = nullptr;
};

/// Runs `body` and answers how it ended; nothing that it throws gets past. `report` is given the reason.
template <class Report, class Body>
lw_code guarded(Report&& report, Body&& body) noexcept {
  const auto unhandled = [&](std::string_view what) {
    std::string message;
    try {
      message = well_formed(what);
    } catch (...) {  // no memory: the type must do
    }
    const lw_error error{sizeof(lw_error), 0, -1, lend("unhandled_exception"), lend(message), {}};
    report(error);
    return LW_RETRY;
  };
  try {
    return body();
  } catch (const Error& error) {
    if (!error.noted_by_host()) report(error.raw());
    return error.code();
  } catch (const std::exception& error) {
    return unhandled(error.what());
  } catch (...) {
    return unhandled("an exception that is no std::exception");
  }
}

}  // namespace detail

/// Holds a task past execute(), and ends it exactly once. Move-only; one thread at a time.
///
/// Destroyed without finish(), it ends the task as failed, type "dropped": no task is ever forgotten. If that happens
/// while an exception leaves execute() or a callback of an extension, the task ends with that exception instead.
class LW_SDK_TYPE Deferred {
 public:
  explicit Deferred(Task task) noexcept : task_(task.raw()) { task_->api->hold(task_); }
  Deferred(Deferred&& other) noexcept : task_(std::exchange(other.task_, nullptr)), hook_(std::move(other.hook_)) {}
  Deferred& operator=(Deferred&& other) noexcept {
    Deferred old(std::move(*this));
    task_ = std::exchange(other.task_, nullptr);
    hook_ = std::move(other.hook_);
    return *this;
  }
  ~Deferred() {
    if (!task_) return;
    if (detail::Frame::takes_over(task_)) {
      hook_.forget();
      return;
    }
    const lw_error error{sizeof(lw_error),
                         0,
                         -1,
                         lend(detail::kDropped),
                         lend("the operator let go of a deferred task without finishing it"),
                         {}};
    task_->api->set_error(task_, &error);
    finish(LW_FAIL);
  }

  /// REQUIRES: not finished, not moved from.
  Task task() const noexcept { return Task(task_); }
  /// Is there still a task to finish?
  explicit operator bool() const noexcept { return task_ != nullptr; }

  /// Ends the task. Nothing may be asked of it afterwards. A second call does nothing.
  void finish(lw_code outcome = LW_OK) noexcept {
    lw_task* task = std::exchange(task_, nullptr);
    if (!task) return;
    hook_.forget();
    task->api->complete(task, outcome);
    hook_ = CancelHook();  // only now: until complete() has returned, the callback may be running
  }
  /// Ends the task other than with success.
  void finish(const Error& error) noexcept {
    if (!task_) return;
    const lw_error raw = error.raw();
    if (!error.noted_by_host()) task_->api->set_error(task_, &raw);
    finish(error.code());
  }

  /// Like Task::on_cancel; the callback goes when the task is finished.
  void on_cancel(std::function<void()> callback) {
    hook_ = CancelHook();
    hook_ = task().on_cancel(std::move(callback));
  }

 private:
  lw_task* task_;
  CancelHook hook_;
};

inline Deferred Task::defer() const { return Deferred(*this); }

/// Runs `body(deferred)` as the next part of a task, on this thread. As in execute(), returning is success and throwing
/// is not; a body that moves the Deferred on leaves the task to its new owner. All callbacks of this layer run in it.
/// On a thread of your own use it too: an exception that leaves a thread ends the whole process.
template <class Body>
void go_on(Deferred deferred, Body&& body) noexcept {
  lw_task* const task = deferred.task().raw();
  detail::Frame frame(task);
  const auto report = [&](const lw_error& error) {
    if (deferred || frame.orphaned) {
      task->api->set_error(task, &error);
    } else {  // the task has another owner by now, and may be over
      host().log(LW_LOG_ERROR, lend("sdk"), error.message, {});
    }
  };
  const lw_code outcome = detail::guarded(report, [&]() -> lw_code {
    body(deferred);
    return LW_OK;
  });
  if (frame.orphaned) {
    frame.finish_orphan(outcome);
  } else {
    deferred.finish(outcome);
  }
}

LW_SDK_END
