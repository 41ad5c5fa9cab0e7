#include "host/runner/frame_channel.hpp"

#include <poll.h>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/socket.h>

using namespace leeward;

namespace {

struct Ends {
  Ends() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    left = std::make_unique<FrameChannel>(UniqueFd{fds[0]});
    right = std::make_unique<FrameChannel>(UniqueFd{fds[1]});
    right_fd = fds[1];
  }
  std::unique_ptr<FrameChannel> left;
  std::unique_ptr<FrameChannel> right;
  int right_fd = -1;
};

struct Kept final : FrameChannel::Reader {
  bool on_frame(Frame frame) override {
    frames.push_back(std::move(frame));
    return true;
  }
  std::vector<Frame> frames;
};

/// Both ends' threads in one, until the reader has so many.
void pump(Ends& ends, Kept& left, Kept& right, std::size_t left_frames, std::size_t right_frames) {
  while (left.frames.size() < left_frames || right.frames.size() < right_frames) {
    pollfd watched[2] = {{ends.left->socket(), ends.left->events(), 0},
                         {ends.right->socket(), ends.right->events(), 0}};
    REQUIRE(::poll(watched, 2, -1) > 0);
    REQUIRE(ends.left->flush());
    REQUIRE(ends.right->flush());
    REQUIRE(ends.left->receive(left));
    REQUIRE(ends.right->receive(right));
  }
}

}  // namespace

TEST_CASE("Frames larger than every buffer go both ways at the same time", "[host][runner]") {
  Ends ends;
  const std::string body(std::size_t{20} << 20, 'x');
  for (std::uint64_t i = 0; i < 3; ++i) {
    REQUIRE(ends.left->send(FrameType::start, i, body));
    REQUIRE(ends.right->send(FrameType::completed, i, body));
  }
  CHECK(ends.left->backlog() > body.size());
  Kept left;
  Kept right;
  pump(ends, left, right, 3, 3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    CHECK(right.frames[i].header.id == i);
    CHECK(*right.frames[i].body == body);
    CHECK(*left.frames[i].body == body);
  }
  CHECK(ends.left->backlog() == 0);
}

TEST_CASE("Frames keep their order, whoever sends them", "[host][runner]") {
  Ends ends;
  for (std::uint64_t i = 0; i < 1000; ++i) REQUIRE(ends.left->send(FrameType::log, i, std::string(i, 'y')));
  Kept left;
  Kept right;
  pump(ends, left, right, 0, 1000);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    REQUIRE(right.frames[i].header.id == i);
    REQUIRE(right.frames[i].body->size() == i);
  }
}

TEST_CASE("A frame that is announced too large ends the conversation", "[host][runner]") {
  Ends ends;
  const FrameHeader header{UINT32_MAX, FrameType::log, 0, 1};
  REQUIRE(::send(ends.right_fd, &header, sizeof header, 0) == sizeof header);
  Kept kept;
  CHECK_FALSE(ends.left->receive(kept));
  CHECK(ends.left->trouble().find("4294967295") != std::string::npos);
}

TEST_CASE("An end that is gone is noticed by reading and by writing", "[host][runner]") {
  Ends ends;
  ends.right.reset();
  Kept kept;
  CHECK_FALSE(ends.left->receive(kept));
  CHECK(ends.left->trouble().empty());
  CHECK_FALSE(ends.left->send(FrameType::stop, 0));
}

TEST_CASE("An end that reads nothing is noticed when too much waits for it", "[host][runner]") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const UniqueFd silent{ends[1]};
  FrameChannel channel{UniqueFd{ends[0]}, std::size_t{1} << 20};
  const std::string body(std::size_t{64} << 10, 'x');
  std::uint64_t sent = 0;
  while (channel.backlog() == 0) REQUIRE(channel.send(FrameType::log, sent++, body));
  CHECK(channel.flush());  // it takes the ring of the first that had to wait
  while (channel.send(FrameType::log, sent, body)) ++sent;
  pollfd rung{channel.wake_fd(), POLLIN, 0};
  CHECK(::poll(&rung, 1, 0) == 1);  // or nobody would ever look: the socket stays full
  CHECK_FALSE(channel.flush());
}
