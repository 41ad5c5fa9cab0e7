#include "host/runner/remote_attempts.hpp"

#include <stdexcept>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/socket.h>

#include "host/runner/messages.hpp"
#include "tests/host/plugin/host_fixture.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

struct Pair {
  Pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("no sockets");
    ours = std::make_shared<FrameChannel>(UniqueFd{ends[0]});
    theirs.emplace(UniqueFd{ends[1]});
  }
  std::shared_ptr<FrameChannel> ours;
  std::optional<FrameChannel> theirs;
};

struct Numbers final : FrameChannel::Reader {
  bool on_frame(Frame frame) override {
    if (frame.header.type == FrameType::start) started.push_back(frame.header.id);
    if (frame.header.type == FrameType::taken) taken += WireReader{frame.body}.number<std::uint64_t>();
    return true;
  }
  std::vector<std::uint64_t> started;
  std::uint64_t taken = 0;
};

WireReader output(const std::string& channel, const std::string& chunk) {
  WireWriter out;
  out.text(channel).text(chunk);
  return WireReader{std::make_shared<const std::string>(out.take())};
}

/// Takes no output.
class FullListener final : public AttemptListener {
  void on_log(const TaskCall&, LogLevel, std::string_view, std::string_view) override {}
  void on_progress(const TaskCall&, double, std::string_view) override {}
  bool on_output(const TaskCall&, std::string_view, std::string_view) override { return false; }
};

}  // namespace

TEST_CASE("An attempt that a dead runner never had goes to the next one", "[host][runner]") {
  RecordingListener listener;
  OperatorInfo info;
  int wanted = 0;
  RemoteAttempts attempts{std::chrono::seconds{5}, [&wanted] { ++wanted; }};
  Pair dead;
  attempts.open(dead.ours);
  attempts.start(0, info, std::make_shared<RecordingAttempt>(listener, "{}"));
  dead.theirs.reset();
  attempts.start(0, info, std::make_shared<RecordingAttempt>(listener, "{}"));
  CHECK(wanted == 1);
  const RemoteAttempts::Taken had = attempts.close();
  REQUIRE(had.size() == 1);
  CHECK(had.front().first == 1);
  attempts.start(0, info, std::make_shared<RecordingAttempt>(listener, "{}"));
  CHECK(attempts.waiting());
  Pair next;
  attempts.open(next.ours);
  Numbers numbers;
  CHECK(next.theirs->receive(numbers));
  CHECK(numbers.started == std::vector<std::uint64_t>{2, 3});
  CHECK(attempts.close().size() == 2);
  CHECK(attempts.empty());
}

TEST_CASE("An attempt that waits for a runner is stopped without one", "[host][runner]") {
  RecordingListener listener;
  OperatorInfo info;
  RemoteAttempts attempts{std::chrono::seconds{5}, [] {}};
  const auto attempt = std::make_shared<RecordingAttempt>(listener, "{}");
  attempts.start(0, info, attempt);
  CHECK(attempts.close().empty());
  attempt->cancel_token().cancel();
  CHECK(attempt->wait().kind == OutcomeKind::canceled);
  CHECK(attempts.empty());
}

TEST_CASE("The name of a channel of a runner's is limited, and counts as what it puts out", "[host][runner]") {
  OperatorInfo info;
  FullListener listener;
  RemoteAttempts attempts{std::chrono::seconds{5}, [] {}};
  Pair pair;
  attempts.open(pair.ours);
  attempts.start(0, info, std::make_shared<RecordingAttempt>(listener, "{}"));
  CHECK_FALSE(attempts.on_output(1, output(std::string(kMaxChannelBytes + 1, 'c'), "x")));
  // Nobody takes any of it: empty pieces fill the window, too.
  const std::string name(kMaxChannelBytes, 'c');
  std::size_t pieces = 0;
  while (attempts.on_output(1, output(name, ""))) ++pieces;
  CHECK(pieces == kOutputWindowBytes / output_cost(name.size(), 0));
}
