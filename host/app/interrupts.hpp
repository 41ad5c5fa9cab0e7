#pragma once

#include <functional>
#include <thread>

namespace leeward {

/// Ctrl-C and SIGTERM, on a thread instead of in a signal handler. The first calls back; the second ends the process at
/// once with status 130. One at a time.
class Interrupts {
 public:
  /// Keeps both signals from killing this process until an Interrupts reads them. Call before the first thread starts:
  /// threads inherit it, and so do child processes, whose starter has to undo it.
  static void block();

  /// `on_interrupt` runs on a thread of this object. REQUIRES: block() was called.
  explicit Interrupts(std::function<void()> on_interrupt);
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

 private:
  void wait();

  std::function<void()> on_interrupt_;
  int signals_ = -1;
  int stop_ = -1;
  std::thread thread_;
};

}  // namespace leeward
