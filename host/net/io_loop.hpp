#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "host/net/deadline_heap.hpp"

namespace leeward {

/// The event loop under the HTTP client and server: one thread waits for sockets, deadlines and calls from other
/// threads.
///
/// Sockets are used by readiness ("there is something to read"), not by completion: a connection that waits for its
/// answer then owns no buffer at all, and ten thousand of them share the loop's scratch memory. Everything is
/// loop-only, that is called from inside run(), but for post() and stop(). This header is the door to Boost.Asio, which
/// io_loop.cpp alone includes.
class IoLoop {
 public:
  IoLoop();
  ~IoLoop();  ///< REQUIRES: run() has returned, or was never called
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  void run();  ///< until stop()
  void stop();
  /// Runs `callback` on the loop, soon. Thread-safe. After stop() it is dropped without having run.
  void post(std::function<void()> callback);

  [[nodiscard]] bool on_loop_thread() const noexcept;
  /// Memory to read into; its content does not outlive the callback.
  [[nodiscard]] std::span<char> scratch() noexcept;

 private:
  friend class IoSocket;
  friend class IoTimer;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A non-blocking descriptor watched by the loop. Owns the descriptor; after destruction no callback comes.
/// Each wait ends with one callback; waiting again while a wait is pending is allowed and changes nothing.
class IoSocket {
 public:
  struct Callbacks {
    std::function<void()> on_readable;  ///< also when the peer closed, or on an error: reading says which
    std::function<void()> on_writable;
  };
  IoSocket(IoLoop& loop, int descriptor, Callbacks callbacks);
  ~IoSocket();
  IoSocket(const IoSocket&) = delete;
  IoSocket& operator=(const IoSocket&) = delete;

  [[nodiscard]] int descriptor() const noexcept;
  void wait_readable();
  void wait_writable();

 private:
  struct Watch;
  std::shared_ptr<Watch> watch_;
};

/// One timeout. Setting it again moves it; it fires once per setting. May be destroyed by its own callback.
class IoTimer {
 public:
  IoTimer(IoLoop& loop, std::function<void()> on_due);
  ~IoTimer();
  IoTimer(const IoTimer&) = delete;
  IoTimer& operator=(const IoTimer&) = delete;

  void set(IoTime at);
  void set_after(std::chrono::milliseconds delay);
  void cancel() noexcept;
  [[nodiscard]] bool armed() const noexcept;

 private:
  friend struct IoLoop::Impl;
  struct Entry;
  std::shared_ptr<Entry> entry_;
};

}  // namespace leeward
