// The HTTP client against a server that answers after a fixed delay: how much of the theoretical rate is reached, what
// a call in flight costs in memory, and what a request costs in processor time. Prints; judges nothing.
//
// The limit on open files does not hold both ends of ten thousand connections: the server is this program, started
// again.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <future>
#include <spawn.h>
#include <string>
#include <thread>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include "host/net/http_client.hpp"
#include "host/net/http_server.hpp"

extern char** environ;

namespace {

using namespace leeward;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kRounds = 7;

double seconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  long whole = 0;
  long resident = 0;
  file >> whole >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// The other process: answers about 600 bytes after as many milliseconds as the path says, until its stdin ends.
int serve() {
  const std::string body = "{\"choices\":[{\"message\":{\"content\":\"" + std::string(560, 'x') + "\"}}]}";
  auto server =
      HttpServer::start({}, [&](const HttpServerRequest& request, const std::shared_ptr<HttpResponder>& responder) {
        const milliseconds delay(std::strtol(request.target.c_str() + 1, nullptr, 10));
        responder->wait(delay).answer(200, {{"content-type", "application/json"}}, body);
      });
  if (!server) return 1;
  std::printf("%s\n", (*server)->origin().c_str());
  std::fflush(stdout);
  return std::getchar() == EOF ? 0 : 1;
}

// Keeps so many requests in flight until a time is over.
class Load {
 public:
  Load(HttpClient& client, HttpRequest request, int in_flight)
      : client_(client), request_(std::move(request)), running_(in_flight) {
    for (int i = 0; i < in_flight; ++i) ask();
  }

  [[nodiscard]] int answered() const { return answered_.load(); }
  [[nodiscard]] int failed() const { return failed_.load(); }
  void wait_for_answers(int count) const {
    while (answered_.load() + failed_.load() < count) std::this_thread::sleep_for(milliseconds(1));
  }
  void stop() {
    stopping_ = true;
    over_.get_future().get();
  }

 private:
  void ask() {
    (void)client_.send(request_, {nullptr, [this](const HttpResponse& response) {
                                    ++(response.error.empty() ? answered_ : failed_);
                                    if (!stopping_) return ask();
                                    if (--running_ == 0) over_.set_value();
                                  }});
  }

  HttpClient& client_;
  const HttpRequest request_;
  std::atomic<int> running_;
  std::atomic<int> answered_{0};
  std::atomic<int> failed_{0};
  std::atomic<bool> stopping_{false};
  std::promise<void> over_;
};

void measure(const std::string& origin, int in_flight, milliseconds delay) {
  HttpClient client({});
  HttpRequest request;
  request.method = "POST";
  request.url = origin + "/" + std::to_string(delay.count());
  request.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + std::string(50, 'k')}};
  request.body = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + std::string(430, 'p') + "\"}]}";

  const double before = resident_bytes();
  Load load(client, request, in_flight);
  load.wait_for_answers(2 * in_flight);  // every connection is made and was used again
  const double memory = (resident_bytes() - before) / in_flight;
  const double theory = in_flight * 1000.0 / static_cast<double>(delay.count());
  std::printf("%6d in flight, answered after %3d ms: ", in_flight, static_cast<int>(delay.count()));
  double best = 0;
  double sum = 0;
  double processor = 0;
  int total = 0;
  for (int round = 0; round < kRounds; ++round) {
    const int from = load.answered();
    const double processor_from = processor_seconds();
    const auto start = steady_clock::now();
    std::this_thread::sleep_for(milliseconds(1000));
    const int count = load.answered() - from;
    const double share = count / seconds_since(start) / theory;
    processor += processor_seconds() - processor_from;
    total += count;
    best = std::max(best, share);
    sum += share;
  }
  load.stop();
  std::printf(
      "%5.1f %% of theory (best round %5.1f %%), %4.1f us of processor a request, %5.0f bytes a call, %d failed\n",
      100 * sum / kRounds, 100 * best, processor / total * 1e6, memory, load.failed());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--serve") == 0) return serve();
  std::array<int, 2> to_server{};
  std::array<int, 2> from_server{};
  if (pipe(to_server.data()) != 0 || pipe(from_server.data()) != 0) return 1;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to_server[0], 0);
  posix_spawn_file_actions_adddup2(&actions, from_server[1], 1);
  for (const int end : {to_server[0], to_server[1], from_server[0], from_server[1]}) {
    posix_spawn_file_actions_addclose(&actions, end);
  }
  std::string self = "/proc/self/exe";
  std::string flag = "--serve";
  const std::array<char*, 3> arguments{self.data(), flag.data(), nullptr};
  pid_t server = 0;
  if (posix_spawn(&server, "/proc/self/exe", &actions, nullptr, arguments.data(), environ) != 0) return 1;
  posix_spawn_file_actions_destroy(&actions);
  close(to_server[0]);
  close(from_server[1]);

  std::string origin;
  for (char c = 0; read(from_server[0], &c, 1) == 1 && c != '\n';) origin += c;
  if (origin.empty()) return std::fprintf(stderr, "the server did not start\n"), 1;
  measure(origin, 1000, milliseconds(50));
  measure(origin, 10000, milliseconds(500));

  close(to_server[1]);
  int status = 0;
  waitpid(server, &status, 0);
  return status == 0 ? 0 : 1;
}
