#include "plugins/bash/posix_command_run.hpp"

#include <csignal>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/plugins/bash/processes.hpp"

using namespace bash_plugin;
using std::chrono::milliseconds;

namespace {

// Gathers what is printed, and raises `stop` at the first line "stop".
class Recorder : public OutputListener {
 public:
  void on_output(std::string_view bytes) override {
    output += bytes;
    if (output.find("stop\n") == std::string::npos) return;
    stop.raise();
    stop.raise();
  }
  void on_error_output(std::string_view bytes) override { error_output += bytes; }

  // The numbers among the words that were printed.
  std::vector<pid_t> printed_processes() const {
    std::vector<pid_t> found;
    std::istringstream words(output);
    for (std::string word; words >> word;)
      if (std::isdigit(static_cast<unsigned char>(word[0])) != 0) found.push_back(std::stoi(word));
    return found;
  }

  WakeUp stop;
  std::string output;
  std::string error_output;
};

Command bash(const std::string& script) {
  return {"bash", {"bash", "-c", "--", script}, {"PATH=" + std::string(::getenv("PATH"))}, "/"};
}

// A grace that no test waits out, and one that a test does.
constexpr RunLimits kPatient{milliseconds{60000}, milliseconds{60000}};
constexpr RunLimits kHasty{milliseconds{20}, milliseconds{20}};

}  // namespace

TEST_CASE("A command's outputs and exit status are reported apart", "[bash]") {
  Recorder heard;
  const ExitStatus status = run_command(bash("echo out; echo err >&2; exit 3"), heard, heard.stop, kPatient);
  CHECK(heard.output == "out\n");
  CHECK(heard.error_output == "err\n");
  CHECK(status.code == 3);
  CHECK(status.signal == 0);
}

TEST_CASE("A command killed by a signal says by which", "[bash]") {
  Recorder heard;
  CHECK(run_command(bash("kill -SEGV $$"), heard, heard.stop, kPatient).signal == SIGSEGV);
}

TEST_CASE("A program that does not exist cannot be started", "[bash]") {
  Recorder heard;
  const auto before = processes::open_descriptors();
  CHECK_THROWS_AS(run_command({"no-such-program-here", {"x"}, {}, "/"}, heard, heard.stop, kPatient),
                  std::system_error);
  CHECK(processes::open_descriptors() == before);
}

TEST_CASE("A command inherits neither descriptors nor signal handling", "[bash]") {
  const UniqueFd leaky{::open("/dev/null", O_RDONLY)};  // without O_CLOEXEC, as careless code opens files
  sigset_t block;
  sigset_t before;
  ::sigemptyset(&block);
  ::sigaddset(&block, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &block, &before);
  const auto pipe_handler = ::signal(SIGPIPE, SIG_IGN);
  Recorder heard;
  const std::string fd = std::to_string(leaky.get());
  const ExitStatus status =
      run_command(bash("[ -e /proc/$$/fd/" + fd + " ] && echo leaked; grep SigBlk /proc/self/status; kill -PIPE $$"),
                  heard, heard.stop, kPatient);
  ::signal(SIGPIPE, pipe_handler);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(heard.output == "SigBlk:\t0000000000000000\n");
  CHECK(status.signal == SIGPIPE);
}

TEST_CASE("A command has an empty input", "[bash]") {
  Recorder heard;
  (void)run_command(bash("cat; echo end"), heard, heard.stop, kPatient);
  CHECK(heard.output == "end\n");
}

TEST_CASE("Stopping a command stops its children too", "[bash]") {
  const std::string script = GENERATE("sleep 1000 & echo $!; sleep 1000 & echo $!; echo stop; wait",
                                      "set -m; sleep 1000 & echo $!; sleep 1000 & echo $!; echo stop; wait",
                                      "(sleep 1000 & echo $!; sleep 1000 & echo $!; echo stop; wait)",
                                      "sleep 1000 & echo $!; kill -STOP $!; sleep 1000 & echo $!; echo stop; wait");
  Recorder heard;
  const ExitStatus status = run_command(bash(script), heard, heard.stop, kPatient);
  CHECK(status.signal == SIGTERM);
  REQUIRE(heard.printed_processes().size() == 2);
  for (const pid_t process : heard.printed_processes()) CHECK_FALSE(processes::is_alive(process));
}

TEST_CASE("A command that does not want to stop is killed", "[bash]") {
  const std::string script = GENERATE("trap '' TERM; sleep 1000 & echo $!; echo stop; while :; do wait; done",
                                      "trap '' TERM; set -m; sleep 1000 & echo $!; echo stop; while :; do wait; done");
  Recorder heard;
  CHECK(run_command(bash(script), heard, heard.stop, kHasty).signal == SIGKILL);
  REQUIRE(heard.printed_processes().size() == 1);
  CHECK_FALSE(processes::is_alive(heard.printed_processes()[0]));
}

TEST_CASE("Stopping a command reaches children that left its session", "[bash]") {
  // The third is a daemon: its parent is gone, and its session is its own.
  const std::string script =
      GENERATE("setsid sleep 1000 & echo $!; echo stop; wait",
               "setsid bash -c 'sleep 1000 & echo $!; echo stop; sleep 1000' & wait",
               "setsid -f bash -c 'echo $$; echo stop; exec sleep 1000'; sleep 1000",
               "setsid bash -c 'trap : TERM; echo $$; echo stop; while :; do wait; done' & wait");
  Recorder heard;
  (void)run_command(bash(script), heard, heard.stop, kHasty);
  REQUIRE_FALSE(heard.printed_processes().empty());
  for (const pid_t process : heard.printed_processes()) CHECK_FALSE(processes::is_alive(process));
}

TEST_CASE("Stopping a command reaches no process of another one", "[bash]") {
  Recorder other;
  (void)run_command(bash("setsid sleep 1000 & echo $!"), other, other.stop, kHasty);
  REQUIRE(other.printed_processes().size() == 1);
  Recorder heard;
  (void)run_command(bash("setsid sleep 1000 & echo $!; echo stop; wait"), heard, heard.stop, kHasty);
  CHECK_FALSE(processes::is_alive(heard.printed_processes().at(0)));
  CHECK(processes::is_alive(other.printed_processes()[0]));
  ::kill(other.printed_processes()[0], SIGKILL);
}

TEST_CASE("A command within another one carries the marks of both", "[bash]") {
  std::vector<std::string> environment{"A=b"};
  const std::string outer = add_new_mark(environment);
  const std::string inner = add_new_mark(environment);
  CHECK(outer != inner);
  REQUIRE(environment.size() == 2);
  CHECK(environment[1].find(outer) != std::string::npos);
  CHECK(environment[1].find(inner) != std::string::npos);
}

TEST_CASE("A command may use the grace to clean up", "[bash]") {
  Recorder heard;
  const ExitStatus status =
      run_command(bash("trap 'echo cleaned; exit 7' TERM; echo stop; sleep 1000 & wait"), heard, heard.stop, kPatient);
  CHECK(heard.output == "stop\ncleaned\n");
  CHECK(status.code == 7);
}

TEST_CASE("A request to stop that comes before the start counts", "[bash]") {
  Recorder heard;
  heard.stop.raise();
  CHECK(run_command(bash("sleep 1000"), heard, heard.stop, kPatient).signal == SIGTERM);
}

TEST_CASE("A child that keeps the output open does not hold a command that has ended", "[bash]") {
  Recorder heard;
  const ExitStatus status = run_command(bash("sleep 1000 & echo $!"), heard, heard.stop, kHasty);
  CHECK(status.code == 0);
  REQUIRE(heard.printed_processes().size() == 1);
  const pid_t left = heard.printed_processes()[0];
  CHECK(processes::is_alive(left));
  ::kill(left, SIGKILL);
}

TEST_CASE("Stopping also ends the wait for a child that keeps the output open", "[bash]") {
  Recorder heard;
  const ExitStatus status =
      run_command(bash("(while :; do echo stop; sleep 0.01; done) &"), heard, heard.stop, kPatient);
  CHECK(status.code == 0);
}

TEST_CASE("Running commands leaves no descriptor open", "[bash]") {
  Recorder heard;
  const auto before = processes::open_descriptors();
  for (int i = 0; i < 3; ++i) (void)run_command(bash("echo x"), heard, heard.stop, kPatient);
  CHECK(processes::open_descriptors() == before);
}
