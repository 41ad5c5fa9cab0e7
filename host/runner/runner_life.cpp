#include "host/runner/runner_life.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include <sys/socket.h>

#include "host/runner/messages.hpp"
#include "host/version.hpp"

namespace leeward {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kStopLimit{2000};  ///< for a runner that was told to end
constexpr milliseconds kHeldOutput{20};   ///< between two offers of output that nobody took
/// What a plugin may log in one life of its process, besides what its attempts do; the rest is forgotten.
constexpr std::size_t kMaxLoggedBytes = std::size_t{1} << 20;

struct Pair {
  UniqueFd ours;
  UniqueFd theirs;
};

Result<Pair> no_descriptors() {
  return Error{"process.start", std::string{"no descriptors for a runner: "} + std::strerror(errno)};
}

Result<Pair> socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return no_descriptors();
  return Pair{UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

Result<Pair> output_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return no_descriptors();
  static_cast<void>(::fcntl(ends[0], F_SETFL, O_NONBLOCK));
  return Pair{UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

std::vector<std::string> runner_environment() {
  std::vector<std::string> environment = clean_environment();
  for (const char* name : {"HOME", "TMPDIR"}) {
    if (const char* value = std::getenv(name)) environment.push_back(std::string{name} + "=" + value);
  }
  return environment;
}

}  // namespace

Result<std::unique_ptr<RunnerProcess::Life>> RunnerProcess::Life::start(RunnerProcess& owner) {
  Result<Pair> socket = socket_pair();
  if (!socket) return std::move(socket).error();
  Result<Pair> out = output_pipe();
  if (!out) return std::move(out).error();
  Result<Pair> err = output_pipe();
  if (!err) return std::move(err).error();
  ChildProgram program;
  program.file = owner.options_.program_file;
  program.words = owner.options_.program;
  program.environment = runner_environment();
  program.descriptors = {-1, out->theirs.get(), err->theirs.get(), socket->theirs.get(), owner.copy_.get()};
  auto child = ChildProcess::start(program);
  if (!child) return std::move(child).error();
  return std::unique_ptr<Life>{
      new Life{owner, std::move(child).value(), std::move(socket->ours), std::move(out->ours), std::move(err->ours)}};
}

RunnerProcess::Life::Life(RunnerProcess& owner, std::unique_ptr<ChildProcess> child, UniqueFd socket, UniqueFd out,
                          UniqueFd err)
    : owner_(owner),
      child_(std::move(child)),
      channel_(std::make_shared<FrameChannel>(std::move(socket))),
      desk_(std::make_shared<ServiceDesk>(owner.services_, owner.options_.grants, owner.lanes_, owner.attempts_,
                                          channel_)),
      out_(std::move(out)),
      err_(std::move(err)),
      printed_(owner.services_.log, LogLevel::info, owner.options_.plugin),
      complained_(owner.services_.log, LogLevel::warn, owner.options_.plugin),
      must_be_ready_(Steady::now() + owner.options_.ready_limit) {
  greet();
}

void RunnerProcess::Life::greet() {
  HelloMessage hello;
  hello.version = kProtocolVersion;
  hello.build = program_version();
  hello.plugin_file = owner_.options_.file;
  if (owner_.options_.limits) hello.limits_json = owner_.options_.limits->json();
  while (hello.least_log_level < 4 && !owner_.services_.log.enabled(static_cast<LogLevel>(hello.least_log_level)))
    ++hello.least_log_level;
  hello.settings = owner_.options_.settings;
  WireWriter out;
  write_hello(out, hello);
  channel_->send(FrameType::hello, 0, out.take());
}

RunnerProcess::Death RunnerProcess::Life::run() {
  while (true) {
    if (owner_.closing() && !must_be_gone_) {
      if (!owner_.attempts_.empty()) child_->kill();
      channel_->send(FrameType::stop, 0);
      must_be_gone_ = Steady::now() + kStopLimit;
    }
    if (auto death = watch()) {
      desk_->close();
      return *std::move(death);
    }
  }
}

int RunnerProcess::Life::patience() const {
  std::optional<Time> until = must_be_gone_;
  const auto not_past = [&until](Time at) { until = until ? std::min(*until, at) : at; };
  if (!ready_) not_past(must_be_ready_);
  if (const auto next = owner_.attempts_.next_overdue()) not_past(next->at);
  if (held_) not_past(Steady::now() + kHeldOutput);
  if (!until) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*until - Steady::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

std::optional<RunnerProcess::Death> RunnerProcess::Life::watch() {
  pollfd watched[5] = {{channel_->socket(), channel_->events(), 0},
                       {channel_->wake_fd(), POLLIN, 0},
                       {child_->end_fd(), POLLIN, 0},
                       {out_.get(), POLLIN, 0},
                       {err_.get(), POLLIN, 0}};
  if (::poll(watched, 5, patience()) < 0) return std::nullopt;  // EINTR
  const auto is = [&watched](int i, int events) { return (watched[i].revents & events) != 0; };
  if (is(4, POLLIN | POLLHUP) && !complained_.read_from(err_.get())) err_.reset();
  if (is(3, POLLIN | POLLHUP) && !printed_.read_from(out_.get())) out_.reset();
  if ((is(1, POLLIN) || is(0, POLLOUT)) && !channel_->flush()) return ended("does not read what it is told");
  if (is(0, POLLIN | POLLHUP | POLLERR) && !channel_->receive(*this)) {
    return ended(channel_->trouble().empty() ? "closed its connection to the host" : channel_->trouble());
  }
  if (held_) held_ = owner_.attempts_.offer_held();
  // The runner will ask for that itself, if it is able to.
  for (const std::uint64_t id : owner_.attempts_.take_asked_to_stop()) desk_->stop(id);
  if (is(2, POLLIN)) return ended({});
  return overdue();
}

std::optional<RunnerProcess::Death> RunnerProcess::Life::overdue() {
  const Time now = Steady::now();
  if (!ready_ && now >= must_be_ready_) return ended("was not ready in time");
  if (must_be_gone_ && now >= *must_be_gone_) return ended("did not stop in time");
  const auto next = owner_.attempts_.next_overdue();
  if (!next || now < next->at) return std::nullopt;
  child_->kill();
  Death death = ended({});
  death.kind = Death::Kind::hung;
  death.hung = next->id;
  return death;
}

/// What still lies in the pipes and the socket was said before the end.
void RunnerProcess::Life::drain() {
  constexpr int kMostShares = 64;
  for (int i = 0; i < kMostShares && err_; ++i) {
    pollfd more{err_.get(), POLLIN, 0};
    if (::poll(&more, 1, 0) <= 0 || !complained_.read_from(err_.get())) break;
  }
  for (int i = 0; i < kMostShares && channel_->trouble().empty(); ++i) {
    pollfd more{channel_->socket(), POLLIN, 0};
    if (::poll(&more, 1, 0) <= 0 || !channel_->receive(*this)) break;
  }
}

RunnerProcess::Death RunnerProcess::Life::ended(const std::string& otherwise) {
  Death death;
  // A connection that ends is most often the first that is seen of a crash: the end itself says more.
  std::optional<ProcessEnd> end =
      child_->wait_for(milliseconds{otherwise.empty() || channel_->trouble().empty() ? 500 : 0});
  const bool by_itself = end.has_value();
  if (!end) {
    child_->kill();
    end = child_->wait();
  }
  drain();
  death.was_ready = ready_;
  death.last_words = complained_.last_words();
  if (refusal_) {
    death.kind = Death::Kind::refused;
    death.why = *refusal_;
  } else if (must_be_gone_ && by_itself && end->signal == 0 && end->status == 0) {
    death.kind = Death::Kind::stopped;
  } else {
    death.why = {"plugin.crashed", by_itself ? "its process " + (end->signal != 0 ? "was " + end->text() : end->text())
                                             : "its process " + otherwise + " and was killed"};
  }
  return death;
}

// ---- what it says ----

bool RunnerProcess::Life::on_frame(Frame frame) {
  const std::uint64_t id = frame.header.id;
  WireReader in{frame.body};
  if (frame.header.type == FrameType::log && id == 0) return on_plugin_log(std::move(in));
  if (!ready_) return on_first_word(frame);
  RemoteAttempts& attempts = owner_.attempts_;
  switch (frame.header.type) {
    case FrameType::completed:  // not while operators that it called are at work: they speak for it
      return !desk_->at_work_for(id) && attempts.on_completed(id, std::move(in));
    case FrameType::deferred: return attempts.on_deferred(id, std::move(in));
    case FrameType::log: return attempts.on_log(id, std::move(in));
    case FrameType::progress: return attempts.on_progress(id, std::move(in));
    case FrameType::output:
      if (!attempts.on_output(id, std::move(in))) return false;
      held_ = attempts.offer_held();
      return true;
    default: return desk_->on_frame(frame.header.type, id, std::move(in));
  }
}

bool RunnerProcess::Life::on_first_word(const Frame& frame) {
  WireReader in{frame.body};
  if (frame.header.type == FrameType::refused && !refusal_) {
    refusal_ = read_error(in);
    return in.done();
  }
  if (frame.header.type != FrameType::ready || refusal_) return false;
  const ReadyMessage ready = read_ready(in);
  if (!in.done() || ready.operators != owner_.options_.operators) return false;
  for (const std::string& gap : ready.gaps)
    owner_.services_.log.line(LogLevel::debug, owner_.options_.plugin, "its sandbox lacks: " + gap, {});
  ready_ = true;
  owner_.attempts_.open(channel_);
  return true;
}

bool RunnerProcess::Life::on_plugin_log(WireReader in) {
  const auto level = in.one_of(LogLevel::error);
  const std::string component = clean_text(in.text());
  const std::string message = clean_text(in.text());
  std::string_view fields = in.text();
  if (!in.done()) return false;
  if (fields.size() > kMaxTextBytes || (!fields.empty() && !is_json(fields))) fields = {};
  const bool told = logged_bytes_ > kMaxLoggedBytes;
  logged_bytes_ += in.size();
  if (logged_bytes_ <= kMaxLoggedBytes) {
    owner_.services_.log.line(level, component, message, fields);
  } else if (!told) {
    owner_.services_.log.line(LogLevel::warn, owner_.options_.plugin, "logs too much: what follows is left out", {});
  }
  return true;
}

}  // namespace leeward
