#include "host/runner/runner_program.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <functional>
#include <iostream>
#include <optional>
#include <poll.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

#include "core/exec/worker_pool.hpp"
#include "host/plugin/abi_operator.hpp"
#include "host/plugin/host_services.hpp"
#include "host/plugin/plugin_library.hpp"
#include "host/process/sandbox.hpp"
#include "host/runner/loop_timers.hpp"
#include "host/runner/remote_gateways.hpp"
#include "host/runner/remote_operators.hpp"
#include "host/runner/runner_attempts.hpp"
#include "host/version.hpp"

namespace leeward {
namespace {

/// How many operators may block at once. The host asks for fewer by itself; those that others call come on top.
constexpr std::size_t kBlockingThreads = 1024;
constexpr std::size_t kAsyncThreads = 4;

/// Takes everybody along that came of this process: it leads a group of its own.
[[noreturn]] void leave_at_once() {
  ::kill(0, SIGKILL);
  ::_exit(1);
}

/// Which open file a descriptor is; nothing, if none.
std::optional<ino_t> file_behind(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? std::optional(status.st_ino) : std::nullopt;
}

/// Hands on frames until there were enough. While `at_work`, it looks now and then whether the channel is still there:
/// a descriptor that a plugin closes under a waiting poll() wakes nobody, at neither end.
void read_frames(FrameChannel& channel, FrameChannel::Reader& reader, const std::function<bool()>& enough,
                 const std::function<bool()>& at_work) {
  constexpr int kLookMs = 1000;
  const auto socket = file_behind(channel.socket());
  while (!enough()) {
    pollfd watched[2] = {{channel.socket(), channel.events(), 0}, {channel.wake_fd(), POLLIN, 0}};
    const int ready = ::poll(watched, 2, at_work() ? kLookMs : -1);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 && file_behind(channel.socket()) != socket) leave_at_once();
    if (((watched[1].revents & POLLIN) != 0 || (watched[0].revents & POLLOUT) != 0) && !channel.flush())
      leave_at_once();
    if ((watched[0].revents & POLLNVAL) != 0) leave_at_once();
    if ((watched[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !channel.receive(reader)) leave_at_once();
  }
}

/// The first frame, and only that.
class HelloReader final : public FrameChannel::Reader {
 public:
  bool on_frame(Frame frame) override {
    if (hello || frame.header.type != FrameType::hello) return false;
    WireReader in{frame.body};
    hello = read_hello(in);
    return in.done();
  }
  std::optional<HelloMessage> hello;
};

Result<SandboxGaps> confine_as(const std::string& limits_json) {
  if (limits_json.empty()) return SandboxGaps{};
  const auto json = JsonDocument::parse(limits_json, "limits");
  if (!json) return json.error();
  Errors errors;
  const SandboxLimits limits = SandboxLimits::of((*json)->root(), errors);
  if (!errors.empty()) return std::move(errors.front());
  return confine(limits);
}

/// The plugin in this process, and all that it stands on.
class Runner final : public FrameChannel::Reader {
 public:
  Runner(FrameChannel& channel, HelloMessage hello)
      : channel_(channel),
        hello_(std::move(hello)),
        listener_(uplink_, static_cast<LogLevel>(std::clamp(hello_.least_log_level, 0, 4))) {}

  /// Loads the plugin and makes its operators. Before there is a second thread: some plugins count on that.
  Status load(UniqueFd sealed) {
    auto library = PluginLibrary::open_sealed(std::move(sealed), hello_.plugin_file);
    if (!library) return std::move(library).error();
    library_ = std::move(library).value();
    Result<PluginManifest> manifest = PluginManifest::read(library_->descriptor(), hello_.plugin_file);
    if (!manifest) return std::move(manifest).error();
    if (library_->descriptor()->init != nullptr) {
      const HostCall call;
      const lw_code code = library_->descriptor()->init(&host_table());
      if (code != LW_OK)
        return Error{"plugin.init_failed", "its init() failed: " + call.reason("it returned " + std::to_string(code))};
    }
    for (PluginManifest::Entry& entry : manifest->entries) {
      entry.info.output_schema = nullptr;  // the host checks what comes out, and does not take our word for it
      const auto settings = hello_.settings.find(entry.info.name);
      operators_.push_back(std::make_unique<AbiOperator>(
          std::move(entry), settings == hello_.settings.end() ? "{}" : settings->second, services_));
    }
    return done();
  }

  void serve(const SandboxGaps& gaps) {
    blocking_.emplace(kBlockingThreads, std::chrono::seconds{0});
    async_.emplace(kAsyncThreads, std::chrono::seconds{0});
    std::thread{[this] { loop_.run(); }}.detach();  // as long as the process
    WireWriter ready;
    write_ready(ready, {static_cast<std::uint32_t>(operators_.size()), gaps});
    uplink_.tell(FrameType::ready, 0, ready.take());
    read_frames(
        channel_, *this, [this] { return stopping_; }, [this] { return !attempts_.empty(); });
    if (!attempts_.empty()) leave_at_once();
    operators_.clear();
    if (library_->descriptor()->shutdown != nullptr) library_->descriptor()->shutdown();
  }

  bool on_frame(Frame frame) override {
    const std::uint64_t id = frame.header.id;
    WireReader in{frame.body};
    switch (frame.header.type) {
      case FrameType::start: return start(read_start(in, id));
      case FrameType::cancel: return cancel(id), true;
      case FrameType::taken: return uplink_.on_taken(in.number<std::uint64_t>()), true;
      case FrameType::reply: return uplink_.on_reply(id, std::move(frame.body)), true;
      case FrameType::http_chunk: return uplink_.on_request(id, false, std::move(frame.body)), true;
      case FrameType::http_done:
      case FrameType::called:
      case FrameType::triggered: return uplink_.on_request(id, true, std::move(frame.body)), true;
      case FrameType::stop: return stopping_ = true;
      default: return false;
    }
  }

 private:
  bool start(StartMessage message) {
    if (message.op >= operators_.size()) return false;
    Operator& op = *operators_[message.op];
    auto attempt = attempts_.add(std::move(message), listener_);
    (op.info().traits.blocks() ? *blocking_ : *async_).submit({&op, std::move(attempt)});
    return true;
  }

  /// On the loop: what a plugin wants to be told of a cancellation is its own code.
  void cancel(std::uint64_t id) {
    if (auto attempt = attempts_.find(id))
      loop_.post([attempt = std::move(attempt)] { attempt->cancel_token().cancel(); });
  }

  FrameChannel& channel_;
  const HelloMessage hello_;
  IoLoop loop_;
  Uplink uplink_{channel_, loop_};
  UplinkListener listener_;
  HostTableLog log_{listener_};
  RemoteHttpGateway http_{uplink_};
  RemoteRunGateway runs_{uplink_};
  RemoteOperators callees_{uplink_};
  LoopTimers timers_{loop_};
  CalleeThreads callee_threads_;
  std::atomic<std::size_t> unfinished_{0};
  const ServiceContext services_{http_, timers_, listener_, callees_, callees_, callee_threads_, unfinished_, &runs_};
  RunnerAttempts attempts_{uplink_};
  std::unique_ptr<PluginLibrary> library_;
  std::vector<std::unique_ptr<AbiOperator>> operators_;
  std::optional<WorkerPool> blocking_;
  std::optional<WorkerPool> async_;
  bool stopping_ = false;
};

int refuse(FrameChannel& channel, const Error& why) {
  WireWriter out;
  write_error(out, why);
  channel.send(FrameType::refused, 0, out.take());
  return 0;
}

}  // namespace

int run_runner(UniqueFd socket, UniqueFd plugin) {
  FrameChannel channel{std::move(socket)};
  HelloReader reader;
  read_frames(
      channel, reader, [&reader] { return reader.hello.has_value(); }, [] { return false; });
  if (reader.hello->version != kProtocolVersion || reader.hello->build != program_version()) {
    return refuse(channel, {"runner.version", "the host is leeward " + reader.hello->build + ", its runner is " +
                                                  std::string{program_version()}});
  }
  const Result<SandboxGaps> gaps = confine_as(reader.hello->limits_json);
  if (!gaps) return refuse(channel, gaps.error());
  try {
    // Never destroyed: threads of the plugin may use it until the process is gone.
    auto* runner = std::make_unique<Runner>(channel, *std::move(reader.hello)).release();
    if (const Status loaded = runner->load(std::move(plugin)); !loaded) return refuse(channel, loaded.error());
    runner->serve(*gaps);
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::resource_unavailable_try_again) throw;
    std::cerr << "there can be no more threads: " << error.code().message()
              << "; isolation.limits.processes says how many processes and threads this user may have, and "
                 "isolation.limits.memory what its stacks may take"
              << std::endl;
    ::_exit(1);
  }
  ::_exit(0);  // without the library's and the program's own ends: threads of the plugin may be at work
}

}  // namespace leeward
