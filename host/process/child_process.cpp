#include "host/process/child_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <utility>

#include <sys/syscall.h>
#include <sys/wait.h>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

constexpr int kStandardDescriptors = 3;
constexpr std::chrono::milliseconds kMercy{30000};  ///< more than what a keeper has with its family

/// What of a spawn can fail is told by its number.
void check(int error) { LW_ASSERT(error == 0, "posix_spawn's own lists need nothing but memory"); }

/// What the child does between its birth and its program.
class FileActions {
 public:
  FileActions() { check(::posix_spawn_file_actions_init(&actions_)); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void null(int as) { check(::posix_spawn_file_actions_addopen(&actions_, as, "/dev/null", O_RDWR, 0)); }
  void duplicate(int fd, int as) { check(::posix_spawn_file_actions_adddup2(&actions_, fd, as)); }
  void close_from(int first) { check(::posix_spawn_file_actions_addclosefrom_np(&actions_, first)); }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// A session of its own, no signal blocked, none ignored: the host's threads do all of these differently.
class Attributes {
 public:
  Attributes() {
    check(::posix_spawnattr_init(&attributes_));
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    check(::posix_spawnattr_setsigmask(&attributes_, &none));
    check(::posix_spawnattr_setsigdefault(&attributes_, &all));
    check(
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  }
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

/// Copies of the descriptors that lie above every place in the child, so that filling one place takes away nobody's
/// source. Closed by exec. Nothing if a descriptor is not open.
std::optional<std::vector<UniqueFd>> lifted(const std::vector<int>& descriptors) {
  std::vector<UniqueFd> copies;
  const int above = std::max(kStandardDescriptors, static_cast<int>(descriptors.size()));
  for (const int fd : descriptors) {
    copies.emplace_back(fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, above));
    if (fd >= 0 && !copies.back()) return std::nullopt;
  }
  return copies;
}

void place(const std::vector<UniqueFd>& copies, FileActions& actions) {
  const int places = std::max(kStandardDescriptors, static_cast<int>(copies.size()));
  for (int place = 0; place < places; ++place) {
    const auto index = static_cast<std::size_t>(place);
    if (index < copies.size() && copies[index]) {
      actions.duplicate(copies[index].get(), place);
    } else {
      actions.null(place);
    }
  }
  actions.close_from(places);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Error start_error(const ChildProgram& program, int error) {
  const std::string what = program.words.size() > 1 ? program.words[0] + " " + program.words[1] : program.file;
  return {"process.start", "cannot start a process for \"" + what + "\": " + std::strerror(error)};
}

bool wait_until_readable(int fd, int timeout_ms) {
  pollfd watched{fd, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&watched, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR && timeout_ms < 0);
  return ready > 0;
}

}  // namespace

std::string ProcessEnd::text() const {
  if (signal == 0) return "exited with status " + std::to_string(status);
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? std::string{"killed by SIG"} + name : "killed by signal " + std::to_string(signal);
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const ChildProgram& program) {
  LW_ASSERT(!program.words.empty(), "a program is told how it is called");
  const auto copies = lifted(program.descriptors);
  if (!copies) return start_error(program, errno);
  FileActions actions;
  place(*copies, actions);
  const Attributes attributes;
  std::unique_ptr<ChildProcess> child{new ChildProcess};
  const int failed = ::posix_spawn(&child->pid_, program.file.c_str(), actions.get(), attributes.get(),
                                   pointers_to(program.words).data(), pointers_to(program.environment).data());
  if (failed != 0) {
    child->end_ = ProcessEnd{};  // there is none to be killed
    return start_error(program, failed);
  }
  // No other thread reaps it, so the number is still this child's.
  child->end_fd_ = UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, child->pid_, 0))};
  if (!child->end_fd_) return start_error(program, errno);
  return child;
}

ChildProcess::~ChildProcess() {
  if (end_) return;
  kill();
  static_cast<void>(wait());
}

std::optional<ProcessEnd> ChildProcess::end() {
  const std::lock_guard lock{mutex_};
  if (end_ || !wait_until_readable(end_fd_.get(), 0)) return end_;
  return reap();
}

ProcessEnd ChildProcess::wait() {
  const bool killed = [this] {
    const std::lock_guard lock{mutex_};
    return killed_;
  }();
  if (killed && !wait_for(kMercy)) send(SIGKILL);
  wait_until_readable(end_fd_.get(), -1);
  const std::lock_guard lock{mutex_};
  if (!end_) static_cast<void>(reap());
  return *end_;
}

std::optional<ProcessEnd> ChildProcess::wait_for(std::chrono::milliseconds time) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + time;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    const bool ended = wait_until_readable(end_fd_.get(), static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ended || left.count() <= 0) return end();
  }
}

void ChildProcess::kill() { send(SIGTERM); }

void ChildProcess::send(int signal) {
  const std::lock_guard lock{mutex_};
  if (end_) return;
  killed_ = true;
  static_cast<void>(::kill(pid_, signal));
}

std::optional<ProcessEnd> ChildProcess::reap() {
  static_cast<void>(::kill(-pid_, SIGKILL));  // while its number is its group's still
  int status = 0;
  pid_t reaped = 0;
  do {
    reaped = ::waitpid(pid_, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  if (reaped != pid_) {
    end_ = ProcessEnd{-1, 0};  // somebody else took the status, as a host that ignores SIGCHLD would
  } else if (WIFSIGNALED(status)) {
    end_ = ProcessEnd{0, WTERMSIG(status)};
  } else {
    end_ = ProcessEnd{WEXITSTATUS(status), 0};
  }
  return end_;
}

std::vector<std::string> clean_environment() {
  std::vector<std::string> environment;
  for (const char* name : {"PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "ASAN_OPTIONS",
                           "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) environment.push_back(std::string{name} + "=" + value);
  }
  return environment;
}

}  // namespace leeward
