// A task that does nothing, in a runner process, against a round trip of the same bytes over a socketpair to a process
// that only reads and writes: what isolation costs beyond what the kernel takes for it anyway. One at a time, and many
// at once. Prints; judges nothing.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <sys/socket.h>

#include "host/net/http_client.hpp"
#include "host/plugin/local_http_gateway.hpp"
#include "host/plugin/service_context.hpp"
#include "host/process/child_process.hpp"
#include "host/runner/messages.hpp"
#include "host/runner/runner_process.hpp"

namespace {

using namespace leeward;
using std::chrono::steady_clock;

constexpr int kRounds = 9;
constexpr int kTasks = 2000;

double microseconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// A host that has nothing to offer.
class BareHost final : public OperatorCatalog,
                       public OperatorSource,
                       public ConnectionSource,
                       public PluginLog,
                       public AttemptListener {
 public:
  [[nodiscard]] Result<Connection> connection(std::string_view) const override { return Error{"none", "none"}; }
  [[nodiscard]] bool enabled(LogLevel level) const override { return level >= LogLevel::warn; }
  void line(LogLevel, std::string_view component, std::string_view message, std::string_view) override {
    std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(component.size()), component.data(),
                 static_cast<int>(message.size()), message.data());
  }
  [[nodiscard]] const OperatorInfo* find_operator(std::string_view) const override { return nullptr; }
  [[nodiscard]] const OperatorInfo* find_callable(std::string_view) const override { return nullptr; }
  [[nodiscard]] std::vector<std::string> operator_names() const override { return {}; }
  [[nodiscard]] std::vector<std::string> callable_names() const override { return {}; }
  [[nodiscard]] Operator& operator_of(const OperatorInfo&) override { std::abort(); }
  void on_log(const TaskCall&, LogLevel, std::string_view, std::string_view) override {}
  void on_progress(const TaskCall&, double, std::string_view) override {}
  bool on_output(const TaskCall&, std::string_view, std::string_view) override { return true; }
};

/// Counts how many of them have ended.
class CountedAttempt final : public Attempt {
 public:
  CountedAttempt(TaskCall call, AttemptListener& listener, std::atomic<int>& ended)
      : Attempt(std::move(call), cancel_, listener), ended_(ended) {}
  void complete(TaskOutcome outcome) override {
    if (outcome.kind != OutcomeKind::success)
      std::fprintf(stderr, "%s\n", outcome.error->message.c_str()), std::abort();
    ++ended_;
    ended_.notify_one();
  }

 private:
  CancelToken cancel_;
  std::atomic<int>& ended_;
};

struct Isolated {
  BareHost host;
  HttpClient client{HttpClient::Options{}};
  LocalHttpGateway http{client, host, nullptr};
  ClientTimers timers{client};
  CalleeThreads callee_threads;
  std::atomic<std::size_t> unfinished{0};
  ServiceContext services{http, timers, host, host, host, callee_threads, unfinished};
  OperatorInfo info;
  TaskCall call;
  std::unique_ptr<RunnerProcess> runner;

  Isolated() {
    const std::string plugin = LEEWARD_BINARY_DIR "/lib/leeward/plugins/echo.so";
    RunnerProcess::Options options;
    options.plugin = "echo";
    options.file = plugin;
    options.contents = [plugin] { return PluginFile::read(plugin); };
    options.operators = 1;
    options.program_file = LEEWARD_BINARY_DIR "/bin/leeward";
    runner = std::make_unique<RunnerProcess>(std::move(options), services);
    info.name = "echo";
    auto run = std::make_shared<RunInfo>();
    run->run_id = "01JD0000000000000000000000";
    run->dag_id = "bench";
    call.run = std::move(run);
    call.params = Value{std::string{R"({"value":null})"}};
  }

  /// `together` at the same time, `tasks` in all; microseconds for each.
  double run(int tasks, int together) {
    const auto start = steady_clock::now();
    for (int done = 0; done < tasks; done += together) {
      std::atomic<int> ended{0};
      for (int i = 0; i < together; ++i) runner->execute(0, info, std::make_shared<CountedAttempt>(call, host, ended));
      for (int seen = ended; seen < together; seen = ended) ended.wait(seen);
    }
    return microseconds_since(start) / tasks;
  }

  [[nodiscard]] std::size_t request_bytes() const {
    WireWriter out;
    write_start(out, 0, 0, call);
    return sizeof(FrameHeader) + out.size();
  }
  [[nodiscard]] static std::size_t answer_bytes() {
    WireWriter out;
    write_outcome(out, TaskOutcome::succeeded(Value{}));
    return sizeof(FrameHeader) + out.size();
  }
};

bool transfer(int fd, std::string& bytes, bool writes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = writes ? ::write(fd, bytes.data() + done, bytes.size() - done)
                             : ::read(fd, bytes.data() + done, bytes.size() - done);
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

/// The other process: reads so much, writes so much, until it is left alone.
int peer(std::size_t request, std::size_t answer) {
  std::string asked(request, '\0');
  std::string said(answer, 'x');
  while (transfer(3, asked, false) && transfer(3, said, true)) {
  }
  return 0;
}

double round_trips(int fd, std::size_t request, std::size_t answer) {
  std::string asked(request, 'x');
  std::string said(answer, '\0');
  const auto start = steady_clock::now();
  for (int i = 0; i < kTasks; ++i) {
    if (!transfer(fd, asked, true) || !transfer(fd, said, false)) std::abort();
  }
  return microseconds_since(start) / kTasks;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "peer") == 0)
    return peer(std::strtoul(argv[2], nullptr, 10), std::strtoul(argv[3], nullptr, 10));
  Isolated isolated;
  const std::size_t request = isolated.request_bytes();
  const std::size_t answer = Isolated::answer_bytes();
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return 1;
  ChildProgram program;
  program.words = {"isolation_bench", "peer", std::to_string(request), std::to_string(answer)};
  program.environment = clean_environment();
  program.descriptors = {-1, 1, 2, ends[1]};
  auto child = ChildProcess::start(program);
  if (!child) return std::fprintf(stderr, "%s\n", child.error().message.c_str()), 1;
  ::close(ends[1]);

  const auto started = steady_clock::now();
  isolated.run(1, 1);
  const double first_ms = microseconds_since(started) / 1000;
  std::vector<double> raw, single, many, ratios;
  for (int round = 0; round < kRounds; ++round) {
    raw.push_back(round_trips(ends[0], request, answer));
    single.push_back(isolated.run(kTasks, 1));
    many.push_back(isolated.run(10 * kTasks, kTasks));
    ratios.push_back(single.back() / raw.back());
  }
  std::printf(
      "isolation: socketpair round trip of %zu and %zu bytes %.1f us, isolated no-op task %.1f us, ratio %.2f "
      "(target 4); %d at once %.1f us each; first task, with the start of its process, %.0f ms\n",
      request, answer, median(raw), median(single), median(ratios), kTasks, median(many), first_ms);
  return 0;
}
