#include "tests/e2e/program.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/support/temp_dir.hpp"

namespace leeward::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

/// Whatever runs the tests may ignore signals, which its children inherit: a program starts here with none ignored.
class DefaultSignals {
 public:
  DefaultSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  ~DefaultSignals() { ::posix_spawnattr_destroy(&attributes_); }
  DefaultSignals(const DefaultSignals&) = delete;
  DefaultSignals& operator=(const DefaultSignals&) = delete;
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

std::string search_path() {
  const char* path = std::getenv("PATH");
  return path == nullptr ? "/usr/bin:/bin" : path;
}

}  // namespace

std::shared_ptr<const JsonDocument> Ended::json() const {
  auto document = JsonDocument::parse(out, "stdout");
  if (!document) throw std::runtime_error(to_string(document.error()) + "\n" + out + "\n" + err);
  return *document;
}

Program::Program(std::vector<std::string> words, Environment environment) {
  environment.emplace("PATH", search_path());
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  int pipes[2][2];
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  for (int which = 0; which < 2; ++which) {
    if (::pipe2(pipes[which], O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    ::posix_spawn_file_actions_adddup2(&actions, pipes[which][1], which + 1);
    fds_[which] = pipes[which][0];
  }
  std::vector<char*> argv = pointers(words);
  std::vector<char*> envp = pointers(variables);
  const DefaultSignals signals;
  const int failed = ::posix_spawnp(&pid_, argv[0], &actions, signals.attributes(), argv.data(), envp.data());
  ::posix_spawn_file_actions_destroy(&actions);
  for (auto& ends : pipes) ::close(ends[1]);
  if (failed != 0) throw std::runtime_error("cannot start " + words[0]);
}

Program::~Program() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (const int fd : fds_) {
    if (fd >= 0) ::close(fd);
  }
}

/// Reads what there is, waiting for something. False when both ends are closed.
bool Program::pump() {
  pollfd watch[] = {{fds_[0], POLLIN, 0}, {fds_[1], POLLIN, 0}};
  if (fds_[0] < 0 && fds_[1] < 0) return false;
  if (::poll(watch, 2, -1) < 0) return errno == EINTR;
  for (int which = 0; which < 2; ++which) {
    if (fds_[which] < 0 || watch[which].revents == 0) continue;
    char buffer[65536];
    const ssize_t n = ::read(fds_[which], buffer, sizeof buffer);
    if (n > 0) {
      text_[which].append(buffer, static_cast<std::size_t>(n));
    } else {
      ::close(fds_[which]);
      fds_[which] = -1;
    }
  }
  return true;
}

std::string Program::line_of(int which) {
  while (true) {
    const std::size_t end = text_[which].find('\n', told_[which]);
    if (end != std::string::npos) {
      std::string line = text_[which].substr(told_[which], end - told_[which]);
      told_[which] = end + 1;
      return line;
    }
    if (!pump()) return text_[which].substr(told_[which]);
  }
}

std::string Program::out_line() { return line_of(0); }
std::string Program::err_line() { return line_of(1); }
void Program::signal(int number) const { ::kill(pid_, number); }

Ended Program::wait() {
  while (pump()) continue;
  int status = 0;
  rusage usage{};
  ::wait4(pid_, &status, 0, &usage);
  pid_ = -1;
  Ended ended;
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ended.out = std::move(text_[0]);
  ended.err = std::move(text_[1]);
  ended.max_rss_kb = usage.ru_maxrss;
  return ended;
}

std::vector<std::string> leeward_words(std::vector<std::string> words) {
  words.insert(words.begin(), LEEWARD_BINARY_DIR "/bin/leeward");
  return words;
}

Ended run_leeward(std::vector<std::string> words, Program::Environment environment) {
  const TempDir dir;
  environment.emplace("LEEWARD_HOME", (dir / "home").string());
  return Program{leeward_words(std::move(words)), std::move(environment)}.wait();
}

bool has_program(const std::string& name) {
  std::string path = search_path() + ":";
  while (!path.empty()) {
    const std::size_t end = path.find(':');
    if (::access((path.substr(0, end) + "/" + name).c_str(), X_OK) == 0) return true;
    path.erase(0, end + 1);
  }
  return false;
}

std::string text(Json json) { return json.is_string() ? std::string{json.string()} : std::string{json.text()}; }

Json task_of(Json report, std::string_view task_id, int map_index) {
  for (const Json task : report["tasks"]) {
    if (task["task_id"].string() == task_id && task["map_index"].integer() == map_index) return task;
  }
  return {};
}

}  // namespace leeward::test
