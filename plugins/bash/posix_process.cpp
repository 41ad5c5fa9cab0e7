#include "posix_process.hpp"

#include <array>
#include <csignal>
#include <cstring>
#include <optional>
#include <spawn.h>
#include <string_view>

#include <sys/syscall.h>
#include <sys/wait.h>

namespace bash_plugin {
namespace {

void check(int error, const char* what) {
  if (error != 0) throw_errno(what, error);
}

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

// Above the three standard descriptors, even if the host runs with one of them closed: the child's dup2() to 1 and 2
// must not overwrite what it still needs.
UniqueFd above_standard(UniqueFd fd) {
  if (fd.get() > STDERR_FILENO) return fd;
  UniqueFd moved{::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
  if (moved.get() < 0) throw_errno("fcntl");
  return moved;
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("pipe2");
  UniqueFd read_end{ends[0]};
  UniqueFd write_end{ends[1]};
  if (::fcntl(read_end.get(), F_SETFL, O_NONBLOCK) != 0) throw_errno("fcntl");
  return {above_standard(std::move(read_end)), above_standard(std::move(write_end))};
}

class FileActions {
 public:
  FileActions() { check(::posix_spawn_file_actions_init(&actions_), "posix_spawn_file_actions_init"); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  void set_up(const Command& command, int output, int error_output) {
    check(::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0), "spawn: stdin");
    check(::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO), "spawn: stdout");
    check(::posix_spawn_file_actions_adddup2(&actions_, error_output, STDERR_FILENO), "spawn: stderr");
    check(::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1), "spawn: closefrom");
    check(::posix_spawn_file_actions_addchdir_np(&actions_, command.directory.c_str()), "spawn: chdir");
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// A session of its own, no signal blocked, none ignored: the host's threads do all of these differently.
class Attributes {
 public:
  Attributes() {
    check(::posix_spawnattr_init(&attributes_), "posix_spawnattr_init");
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    check(::posix_spawnattr_setsigmask(&attributes_, &none), "spawn: signal mask");
    check(::posix_spawnattr_setsigdefault(&attributes_, &all), "spawn: signal defaults");
    check(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF),
          "spawn: flags");
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

// Nothing if somebody else has taken the status, as a host that ignores SIGCHLD would.
std::optional<int> reap(pid_t process) {
  int status = 0;
  pid_t reaped = 0;
  do {
    reaped = ::waitpid(process, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  return reaped == process ? std::optional{status} : std::nullopt;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::map<std::string, std::string> inherited_environment() {
  std::map<std::string, std::string> environment;
  for (char** entry = ::environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

PosixProcess::PosixProcess(const Command& command) {
  Pipe output = make_pipe();
  Pipe error_output = make_pipe();
  FileActions actions;
  actions.set_up(command, output.write_end.get(), error_output.write_end.get());
  const Attributes attributes;
  std::vector<std::string> environment = command.environment;
  family_.mark = add_new_mark(environment);
  check(::posix_spawnp(&family_.leader, command.program.c_str(), actions.get(), attributes.get(),
                       pointers_to(command.arguments).data(), pointers_to(environment).data()),
        "posix_spawn");
  output_ = std::move(output.read_end);
  error_output_ = std::move(error_output.read_end);
  exit_ = UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, family_.leader, 0))};
  if (exit_.get() < 0) {
    const int error = errno;
    signal_family(family_, SIGKILL);
    (void)reap(family_.leader);
    throw_errno("pidfd_open", error);
  }
}

PosixProcess::~PosixProcess() {
  if (family_.leader < 0) return;
  signal_family(family_, SIGKILL);
  (void)reap(family_.leader);
}

ExitStatus PosixProcess::wait() {
  const std::optional<int> status = reap(std::exchange(family_.leader, -1));
  if (!status) throw_errno("waitpid");
  if (WIFSIGNALED(*status)) return {0, WTERMSIG(*status)};
  return {WEXITSTATUS(*status), 0};
}

}  // namespace bash_plugin
