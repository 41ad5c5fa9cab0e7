#include "host/net/io_loop.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include "core/base/assert.hpp"

namespace leeward {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Executor =
    asio::io_context::executor_type;  // the concrete one: asio's type-erased default costs an allocation a wait
using SteadyClock = std::chrono::steady_clock;

// A timer's part that the heap knows. Shared with the loop for the length of its callback, which may destroy the timer.
struct IoTimer::Entry : Deadline {
  IoLoop::Impl& loop;
  std::function<void()> on_due;
  std::shared_ptr<Entry> self{};  // while armed

  Entry(IoLoop::Impl& l, std::function<void()> f) : loop(l), on_due(std::move(f)) {}
};

struct IoLoop::Impl {
  asio::io_context context{1};
  asio::executor_work_guard<Executor> work{context.get_executor()};
  asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor> alarm{context};
  IoTime alarm_at = IoTime::max();
  DeadlineHeap deadlines;
  std::atomic<std::thread::id> thread{};

  std::mutex mutex;
  std::vector<std::function<void()>> posted;  // guarded by mutex
  bool stopped = false;                       // guarded by mutex

  std::array<char, std::size_t{64} * 1024> scratch;

  void run_posted() {
    std::vector<std::function<void()>> now;
    {
      const std::lock_guard lock(mutex);
      now.swap(posted);
    }
    for (auto& callback : now) callback();
  }

  void arm() {
    if (deadlines.empty() || deadlines.earliest().at >= alarm_at) return;
    alarm_at = deadlines.earliest().at;
    alarm.expires_at(alarm_at);
    alarm.async_wait([this](ErrorCode failure) {
      if (failure == asio::error::operation_aborted) return;
      alarm_at = IoTime::max();
      run_due();
      arm();
    });
  }

  void run_due() {
    const IoTime now = SteadyClock::now();
    while (!deadlines.empty() && deadlines.earliest().at <= now) {
      auto* due = static_cast<IoTimer::Entry*>(&deadlines.earliest());
      deadlines.erase(*due);
      const std::shared_ptr<IoTimer::Entry> alive = std::move(due->self);
      alive->on_due();
    }
  }
};

IoLoop::IoLoop() : impl_(std::make_unique<Impl>()) {}

IoLoop::~IoLoop() {
  // What was posted and never ran may own sockets and timers: it goes while the context still stands.
  std::vector<std::function<void()>> dropped;
  const std::lock_guard lock(impl_->mutex);
  dropped.swap(impl_->posted);
}

void IoLoop::run() {
  impl_->thread = std::this_thread::get_id();
  try {
    impl_->context.run();
  } catch (...) {
    // Whoever threw left a state that nobody knows.
    LW_ASSERT(false, "nothing throws out of a callback of the loop");
  }
}

void IoLoop::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopped = true;
  }
  impl_->context.stop();
}

void IoLoop::post(std::function<void()> callback) {
  bool first = false;
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->stopped) return;
    first = impl_->posted.empty();
    impl_->posted.push_back(std::move(callback));
  }
  if (first) asio::post(impl_->context, [impl = impl_.get()] { impl->run_posted(); });
}

bool IoLoop::on_loop_thread() const noexcept { return impl_->thread == std::this_thread::get_id(); }

std::span<char> IoLoop::scratch() noexcept { return impl_->scratch; }

struct IoSocket::Watch {
  asio::posix::basic_stream_descriptor<Executor> descriptor;
  Callbacks callbacks;
  bool open = true;
  bool reading = false;
  bool writing = false;

  Watch(asio::io_context& context, Callbacks c) : descriptor(context), callbacks(std::move(c)) {}
};

IoSocket::IoSocket(IoLoop& loop, int descriptor, Callbacks callbacks)
    : watch_(std::make_shared<Watch>(loop.impl_->context, std::move(callbacks))) {
  ErrorCode failure;
  watch_->descriptor.assign(descriptor, failure);
  // Not watched (no memory in the kernel): the waits below then end at once, and reading reports the bad descriptor.
  if (failure) ::close(descriptor);
}

IoSocket::~IoSocket() {
  watch_->open = false;
  ErrorCode ignored;
  watch_->descriptor.close(ignored);
}

int IoSocket::descriptor() const noexcept {
  return watch_->descriptor.is_open() ? watch_->descriptor.native_handle() : -1;
}

void IoSocket::wait_readable() {
  if (std::exchange(watch_->reading, true)) return;
  watch_->descriptor.async_wait(asio::posix::descriptor_base::wait_read, [watch = watch_](ErrorCode) {
    watch->reading = false;
    if (watch->open) watch->callbacks.on_readable();
  });
}

void IoSocket::wait_writable() {
  if (std::exchange(watch_->writing, true)) return;
  watch_->descriptor.async_wait(asio::posix::descriptor_base::wait_write, [watch = watch_](ErrorCode) {
    watch->writing = false;
    if (watch->open) watch->callbacks.on_writable();
  });
}

IoTimer::IoTimer(IoLoop& loop, std::function<void()> on_due)
    : entry_(std::make_shared<Entry>(*loop.impl_, std::move(on_due))) {}

IoTimer::~IoTimer() { cancel(); }

void IoTimer::set(IoTime at) {
  entry_->loop.deadlines.set(*entry_, at);
  entry_->self = entry_;
  entry_->loop.arm();
}

void IoTimer::set_after(std::chrono::milliseconds delay) { set(io_time_after(delay)); }

void IoTimer::cancel() noexcept {
  if (!entry_->armed()) return;
  entry_->loop.deadlines.erase(*entry_);
  entry_->self.reset();
}

bool IoTimer::armed() const noexcept { return entry_->armed(); }

}  // namespace leeward
