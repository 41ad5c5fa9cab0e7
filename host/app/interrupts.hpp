#pragma once

#include <functional>
#include <thread>

namespace leeward {

/// Ctrl-C, SIGTERM and the end of the terminal (SIGHUP), on a thread instead of in a signal handler. The first calls
/// back; the second ends the process at once with status 130. One at a time.
///
/// What whoever started this process has it ignore stays ignored: SIGHUP under nohup, SIGINT of a script's background
/// job.
class Interrupts {
 public:
  /// Keeps these signals from killing this process until an Interrupts reads them. Call before the first thread starts:
  /// threads inherit it, and so do child processes, whose starter has to undo it. Nor does it die any more when a
  /// reader of what it writes has gone (SIGPIPE): its runs are not the reader's.
  static void block();

  /// `first` and `last_words` run on a thread of this object; the latter before the process ends at once. REQUIRES:
  /// block() was called.
  Interrupts(std::function<void()> first, std::function<void()> last_words);
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

 private:
  void wait();

  std::function<void()> first_;
  std::function<void()> last_words_;
  int signals_ = -1;
  int stop_ = -1;
  std::thread thread_;
};

}  // namespace leeward
