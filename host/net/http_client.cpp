#include "host/net/http_client.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <unordered_set>
#include <utility>

#include "core/base/assert.hpp"
#include "host/net/connection_pool.hpp"
#include "host/net/http_call.hpp"
#include "host/net/http_request_writer.hpp"
#include "host/net/io_loop.hpp"
#include "host/net/proxy_settings.hpp"
#include "host/net/tcp_socket.hpp"

namespace leeward {

namespace {

constexpr std::uint64_t kDescriptorsForOthers = 256;
constexpr std::uint64_t kFewestConnections = 16;

std::size_t connection_limit(std::size_t wanted) {
  const std::uint64_t files = raise_open_file_limit();
  const std::uint64_t possible =
      files > kDescriptorsForOthers + kFewestConnections ? files - kDescriptorsForOthers : kFewestConnections;
  return static_cast<std::size_t>(wanted == 0 ? possible : std::min<std::uint64_t>(wanted, possible));
}

}  // namespace

struct HttpClient::Impl {
  // What after() waits for.
  struct Alarm : std::enable_shared_from_this<Alarm> {
    Impl& impl;
    IoTimer timer;
    std::function<void(bool)> callback;

    Alarm(Impl& i, std::function<void(bool)> c)
        : impl(i), timer(*i.loop, [this] { impl.finish(shared_from_this(), false); }), callback(std::move(c)) {}
  };

  class Message;

  const ProxySettings proxies;
  // Shared with handles, which may outlive the client and then have nobody to tell.
  const std::shared_ptr<IoLoop> loop = std::make_shared<IoLoop>();
  ConnectionPool pool;
  std::unordered_set<std::shared_ptr<Alarm>> alarms;
  std::atomic<std::size_t> outstanding{0};  // calls and alarms whose callback has not come
  bool closing = false;
  std::thread thread;

  explicit Impl(const Options& options)
      : proxies(options.environment, options.no_proxy_for),
        pool(*loop, options.ca_file, connection_limit(options.max_connections)) {}

  void finish(std::shared_ptr<Alarm> alarm, bool cancelled) {
    if (alarms.erase(alarm) == 0) return;
    alarm->timer.cancel();
    const auto callback = std::exchange(alarm->callback, nullptr);
    callback(cancelled);
    --outstanding;
  }

  void start(const std::shared_ptr<Alarm>& alarm, IoTime at) {
    alarms.insert(alarm);
    if (closing) return finish(alarm, true);
    alarm->timer.set(at);
  }

  void close() {
    closing = true;
    pool.close_all();
    while (!alarms.empty()) finish(*alarms.begin(), true);
    stop_when_quiet();
  }

  // Callbacks may have sent more; each of those is told that it was cancelled, before the loop ends.
  void stop_when_quiet() {
    if (outstanding == 0) return loop->stop();
    loop->post([this] { stop_when_quiet(); });
  }
};

namespace {

class CallHandle final : public HttpClient::Handle {
 public:
  CallHandle(std::weak_ptr<IoLoop> loop, std::weak_ptr<HttpCall> call)
      : loop_(std::move(loop)), call_(std::move(call)) {}
  void cancel() override {
    const auto loop = loop_.lock();
    if (!loop) return;
    loop->post([weak = call_] {
      if (const auto call = weak.lock()) call->cancel();
    });
  }

 private:
  std::weak_ptr<IoLoop> loop_;
  std::weak_ptr<HttpCall> call_;
};

class AlarmHandle final : public HttpClient::Handle {
 public:
  AlarmHandle(std::weak_ptr<IoLoop> loop, std::function<void()> on_cancel)
      : loop_(std::move(loop)), on_cancel_(std::move(on_cancel)) {}
  void cancel() override {
    if (const auto loop = loop_.lock()) loop->post(on_cancel_);
  }

 private:
  std::weak_ptr<IoLoop> loop_;
  const std::function<void()> on_cancel_;
};

}  // namespace

// Counts as outstanding from its making to its end, so that close() waits for it.
class HttpClient::Impl::Message final : public HttpClient::Errand {
 public:
  explicit Message(Impl& impl) : impl_(&impl) { ++impl.outstanding; }
  ~Message() override {
    if (impl_ != nullptr) --impl_->outstanding;
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  void run(std::function<void()> what) override {
    Impl* impl = std::exchange(impl_, nullptr);
    LW_ASSERT(impl != nullptr, "an errand is run once");
    impl->loop->post([impl, what = std::move(what)] {
      what();
      --impl->outstanding;
    });
  }

 private:
  Impl* impl_;
};

HttpClient::HttpClient(Options options) : impl_(std::make_unique<Impl>(options)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->loop->run(); });
}

HttpClient::~HttpClient() {
  LW_ASSERT(!impl_->loop->on_loop_thread(), "the client is not destroyed by one of its own callbacks");
  impl_->loop->post([impl = impl_.get()] { impl->close(); });
  impl_->thread.join();
}

std::shared_ptr<HttpClient::Handle> HttpClient::send(HttpRequest request, Callbacks callbacks) {
  LW_ASSERT(callbacks.on_done != nullptr, "someone waits for the answer");
  ++impl_->outstanding;
  // Checked and written on the caller's thread: the loop has enough to do.
  auto written = write_request(request, impl_->proxies);
  callbacks.on_done = [impl = impl_.get(), on_done = std::move(callbacks.on_done)](HttpResponse response) {
    on_done(std::move(response));
    --impl->outstanding;
  };
  auto call = std::make_shared<HttpCall>(*impl_->loop, std::move(request), std::move(callbacks));
  call->set_written(std::move(written));
  auto handle = std::make_shared<CallHandle>(impl_->loop, call);
  impl_->loop->post([impl = impl_.get(), call = std::move(call)] {
    if (call->refused()) {
      call->fail_refused();
    } else {
      impl->pool.submit(call);
    }
  });
  return handle;
}

std::shared_ptr<HttpClient::Handle> HttpClient::after(std::chrono::milliseconds delay,
                                                      std::function<void(bool cancelled)> callback) {
  LW_ASSERT(callback != nullptr, "someone waits for the time to pass");
  ++impl_->outstanding;
  Impl* impl = impl_.get();
  const IoTime at = io_time_after(delay);
  auto alarm = std::make_shared<Impl::Alarm>(*impl, std::move(callback));
  auto handle = std::make_shared<AlarmHandle>(impl->loop, [impl, weak = alarm->weak_from_this()] {
    if (const auto waiting = weak.lock()) impl->finish(waiting, true);
  });
  impl->loop->post([impl, at, alarm = std::move(alarm)] { impl->start(alarm, at); });
  return handle;
}

std::shared_ptr<HttpClient::Errand> HttpClient::errand() { return std::make_shared<Impl::Message>(*impl_); }

}  // namespace leeward
