#include "host/process/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

struct Pipe {
  Pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    reading = UniqueFd{ends[0]};
    writing = UniqueFd{ends[1]};
  }
  /// Everything until the last writer has closed.
  std::string read_all() {
    writing.reset();
    std::string text;
    char piece[4096];
    for (ssize_t n; (n = ::read(reading.get(), piece, sizeof piece)) > 0;)
      text.append(piece, static_cast<std::size_t>(n));
    return text;
  }
  UniqueFd reading;
  UniqueFd writing;
};

ChildProgram shell(const std::string& script, std::vector<int> descriptors = {}) {
  return {"/bin/sh", {"sh", "-c", script}, {"PATH=/usr/bin:/bin"}, std::move(descriptors)};
}

std::unique_ptr<ChildProcess> started(const ChildProgram& program) {
  auto child = ChildProcess::start(program);
  if (!child) throw std::runtime_error(to_string(child.error()));
  return std::move(child).value();
}

bool is_alive(pid_t process) { return ::kill(process, 0) == 0 || errno != ESRCH; }

}  // namespace

TEST_CASE("ChildProcess tells in words how its program ended", "[host][process]") {
  CHECK(started(shell("exit 0"))->wait().text() == "exited with status 0");
  CHECK(started(shell("exit 7"))->wait() == ProcessEnd{7, 0});
  CHECK(started(shell("kill -SEGV $$"))->wait().text() == "killed by SIGSEGV");
  CHECK(ProcessEnd{0, 63}.text() == "killed by signal 63");
}

TEST_CASE("A program that cannot be started is an error with the reason", "[host][process]") {
  const auto child = ChildProcess::start({"/nonexistent/program", {"program", "verb"}, {}, {}});
  REQUIRE_FALSE(child);
  CHECK(child.error().code == "process.start");
  CHECK(child.error().message == "cannot start a process for \"program verb\": No such file or directory");
  CHECK_FALSE(ChildProcess::start(shell("true", {-1, 1 << 20})));
}

TEST_CASE("A child has the descriptors that it was given, by their places, and no other", "[host][process]") {
  Pipe out;
  Pipe extra;
  Pipe open_to_all;
  const int leaky = ::fcntl(open_to_all.writing.get(), F_DUPFD, 50);  // survives exec
  REQUIRE(leaky >= 50);
  // The extra pipe stands where the other one is wanted, and the other way round.
  const auto child = started(shell("echo three >&3; ls /proc/$$/fd", {-1, out.writing.get(), -1, extra.writing.get()}));
  CHECK(child->wait() == ProcessEnd{0, 0});
  CHECK(extra.read_all() == "three\n");
  CHECK(out.read_all() == "0\n1\n2\n3\n");
  ::close(leaky);
}

TEST_CASE("A child's descriptors may change places with each other", "[host][process]") {
  Pipe one;
  Pipe two;
  // Sources that have the numbers of each other's places.
  REQUIRE(::fcntl(one.writing.get(), F_GETFD) >= 0);
  std::vector<int> descriptors(static_cast<std::size_t>(std::max(one.writing.get(), two.writing.get())) + 1, -1);
  descriptors[static_cast<std::size_t>(one.writing.get())] = two.writing.get();
  descriptors[static_cast<std::size_t>(two.writing.get())] = one.writing.get();
  const std::string script = "echo one > /proc/self/fd/" + std::to_string(two.writing.get()) +
                             "; echo two > /proc/self/fd/" + std::to_string(one.writing.get());
  CHECK(started(shell(script, descriptors))->wait() == ProcessEnd{0, 0});
  CHECK(one.read_all() == "one\n");
  CHECK(two.read_all() == "two\n");
}

TEST_CASE("A child has the environment that it was given", "[host][process]") {
  ::setenv("LEEWARD_TEST_SECRET", "sk-secret", 1);
  Pipe out;
  ChildProgram program{"/usr/bin/env", {"env"}, clean_environment(), {-1, out.writing.get()}};
  program.environment.emplace_back("GIVEN=1");
  CHECK(started(program)->wait() == ProcessEnd{0, 0});
  const std::string text = out.read_all();
  CHECK(text.find("GIVEN=1\n") != std::string::npos);
  CHECK(text.find("sk-secret") == std::string::npos);
  ::unsetenv("LEEWARD_TEST_SECRET");
}

TEST_CASE("A child leads a session, and its signals are as at the start of a program", "[host][process]") {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  Pipe out;
  const auto child = started(shell("grep SigBlk /proc/self/status; ps -o sid= -p $$ || true", {-1, out.writing.get()}));
  CHECK(child->wait() == ProcessEnd{0, 0});
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const std::string text = out.read_all();
  CHECK(text.find("SigBlk:\t0000000000000000") != std::string::npos);
  if (text.find(std::to_string(child->pid())) == std::string::npos) {
    CHECK(text.find('\n') + 1 == text.size());  // there is no ps here
  }
}

TEST_CASE("A child runs the program that was started, also when another has its file's name", "[host][process]") {
  const TempDir dir;
  const auto copy = dir / "shell";
  std::filesystem::copy_file("/bin/sh", copy);
  Pipe out;
  // The copy puts something else in its own place, then starts itself the way ChildProgram::kSelf does.
  const std::string script = "mv " + (dir / "shell").string() + " " + (dir / "old").string() + "; echo 'exit 9' > " +
                             copy.string() + "; /proc/self/exe -c 'echo still me'";
  ChildProgram program{copy.string(), {"sh", "-c", script}, {"PATH=/usr/bin:/bin"}, {-1, out.writing.get()}};
  CHECK(started(program)->wait() == ProcessEnd{0, 0});
  CHECK(out.read_all() == "still me\n");
}

TEST_CASE("The end of a child can be polled for, waited for and timed", "[host][process]") {
  Pipe hold;
  const auto child = started(shell("read line", {hold.reading.get()}));
  hold.reading.reset();
  CHECK_FALSE(child->end());
  CHECK_FALSE(child->wait_for(1ms));
  hold.writing.reset();  // its read ends, with status 1
  CHECK(child->wait() == ProcessEnd{1, 0});
  CHECK(child->end() == ProcessEnd{1, 0});
  CHECK(child->wait_for(0ms) == ProcessEnd{1, 0});
  child->kill();  // nobody else's number is hit
}

TEST_CASE("A child's group ends with it, whether it ends by itself or is killed", "[host][process]") {
  const bool killed = GENERATE(true, false);
  Pipe out;
  // Both hold the pipe open: it ends when both are gone.
  const auto child =
      started(shell(killed ? "sleep 1000 & echo x; wait" : "sleep 1000 & echo x", {-1, out.writing.get()}));
  out.writing.reset();
  char c = 0;
  REQUIRE(::read(out.reading.get(), &c, 1) == 1);
  if (killed) child->kill();
  CHECK(child->wait() == (killed ? ProcessEnd{0, SIGTERM} : ProcessEnd{0, 0}));
  CHECK(out.read_all() == "\n");
}

TEST_CASE("A ChildProcess that goes out of scope takes its process along", "[host][process]") {
  pid_t process = 0;
  {
    const auto child = started({"/bin/sleep", {"sleep", "1000"}, {}, {}});
    process = child->pid();
    CHECK(is_alive(process));
  }
  CHECK_FALSE(is_alive(process));
}
