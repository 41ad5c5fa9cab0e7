#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "core/base/result.hpp"
#include "host/process/unique_fd.hpp"

namespace leeward {

/// How a process ended.
struct ProcessEnd {
  int status = 0;  ///< its exit status, if no signal ended it
  int signal = 0;  ///< 0: none

  /// "exited with status 0", "killed by SIGSEGV": to be read after "it" or a name.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const ProcessEnd&, const ProcessEnd&) = default;
};

/// A program to start. Nothing is inherited but what stands here.
struct ChildProgram {
  /// The running program's own file, also after another was put in its place.
  static constexpr const char* kSelf = "/proc/self/exe";

  std::string file = kSelf;              ///< a path; no search in PATH
  std::vector<std::string> words;        ///< argv, the first is how it is called: {"leeward", "probe", ...}
  std::vector<std::string> environment;  ///< "NAME=value"; clean_environment() is a start
  /// The child's descriptors by their place: 0 is stdin, 1 stdout, 2 stderr, then 3, 4, ...; -1 is /dev/null. The first
  /// three may be left out. Borrowed: they stay open here.
  std::vector<int> descriptors;
};

/// A child process of ours, leader of a session of its own. Started by posix_spawn, never by fork: a host of a gigabyte
/// would be copied for 60 ms. What it is confined to it does to itself (sandbox.hpp): it is our own program. Then it is
/// the keeper of all that comes of it (family_keeper.hpp), and its end is the end of them all; of a program that has
/// not confined itself only the process group ends with it.
///
/// Thread-safe; the destructor is nobody's rival. Whoever starts a child that asks for PR_SET_PDEATHSIG does it on a
/// thread that lives as long as the child shall: the kernel takes the end of the starting thread for the parent's.
class ChildProcess {
 public:
  /// Code process.start, with the system's reason.
  [[nodiscard]] static Result<std::unique_ptr<ChildProcess>> start(const ChildProgram& program);
  /// kill() and wait(), if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Readable once the process has ended: for poll() and event loops.
  [[nodiscard]] int end_fd() const noexcept { return end_fd_.get(); }
  /// How it ended; nothing while it runs.
  [[nodiscard]] std::optional<ProcessEnd> end();
  /// The same, waited for.
  [[nodiscard]] ProcessEnd wait();
  /// The same, but not past this time.
  [[nodiscard]] std::optional<ProcessEnd> wait_for(std::chrono::milliseconds time);
  /// Ends it and all that came of it: by SIGTERM, which a keeper passes on to all the others as SIGKILL. wait() makes
  /// an end of one that does not end by this within 30 s. Nothing happens if it has ended.
  void kill();

 private:
  ChildProcess() = default;
  void send(int signal);
  std::optional<ProcessEnd> reap();  ///< REQUIRES: mutex_ is held, and it has ended

  pid_t pid_ = -1;
  UniqueFd end_fd_;
  std::mutex mutex_;
  std::optional<ProcessEnd> end_;
  bool killed_ = false;
};

/// What a child is given of this process's environment: where programs and libraries are, language, time zone, and what
/// the sanitizers are told. No key of anybody's.
[[nodiscard]] std::vector<std::string> clean_environment();

}  // namespace leeward
