#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/store/call_ledger.hpp"
#include "host/plugin/local_http_gateway.hpp"
#include "tests/host/plugin/host_fixture.hpp"

namespace leeward::test {

/// A request of a test on its way, what was shown of it, and its end when it is there.
class PaidAnswer {
 public:
  void show(std::string_view piece) {
    const std::lock_guard lock{mutex_};
    shown_.append(piece);
  }
  void end(HttpResponse response) { promise_.set_value(std::move(response)); }

  [[nodiscard]] HttpResponse wait() {
    if (future_.wait_for(std::chrono::seconds{60}) != std::future_status::ready) throw std::runtime_error("no on_done");
    return future_.get();
  }
  [[nodiscard]] bool told() const { return future_.wait_for(std::chrono::seconds{0}) == std::future_status::ready; }
  [[nodiscard]] std::string shown() const {
    const std::lock_guard lock{mutex_};
    return shown_;
  }
  void cancel() const { handle->cancel(); }

  std::shared_ptr<HttpGateway::Handle> handle;

 private:
  mutable std::mutex mutex_;
  std::string shown_;
  std::promise<HttpResponse> promise_;
  std::shared_future<HttpResponse> future_{promise_.get_future().share()};
};

/// The network of one life of a host: a client and a gateway by this ledger. Connection "c" leads to the server.
class PaidNetwork : public ConnectionSource {
 public:
  PaidNetwork(CallLedger& ledger, std::string origin)
      : origin_(std::move(origin)), gateway_(*client_, *this, &ledger, &log_) {}
  ~PaidNetwork() override { client_.reset(); }  // first: its end answers everybody
  PaidNetwork(const PaidNetwork&) = delete;
  PaidNetwork& operator=(const PaidNetwork&) = delete;

  [[nodiscard]] Result<Connection> connection(std::string_view id) const override {
    return Connection{std::string{id}, origin_, "sk-test-0123456789", "{}", max_concurrency};
  }

  [[nodiscard]] static HttpAsk ask(std::string body) {
    HttpAsk ask;
    ask.connection_id = "c";
    ask.request.method = "POST";
    ask.request.url = "/chat";
    ask.request.body = std::move(body);
    ask.paid = ask.idempotency_key = true;
    return ask;
  }
  void send(const Attempt& by, HttpAsk ask, HttpGateway::Callbacks callbacks) {
    REQUIRE(gateway_.send(by.call(), std::move(ask), std::move(callbacks)));
  }
  std::shared_ptr<PaidAnswer> send(const Attempt& by, HttpAsk ask, bool streams = false) {
    auto answer = std::make_shared<PaidAnswer>();
    const std::weak_ptr<PaidAnswer> held = answer;  // which holds what holds these callbacks
    HttpGateway::Callbacks callbacks;
    if (streams)
      callbacks.on_chunk = [held](std::string_view piece) {
        if (const auto to = held.lock()) to->show(piece);
      };
    callbacks.on_done = [held](HttpResponse response) {
      if (const auto to = held.lock()) to->end(std::move(response));
    };
    auto sent = gateway_.send(by.call(), std::move(ask), std::move(callbacks));
    REQUIRE(sent);
    answer->handle = *sent;
    return answer;
  }

  /// Answers that were recorded before and spared a request.
  [[nodiscard]] int spared() const { return log_.spared; }

  std::size_t max_concurrency = 0;

 private:
  struct CountingLog final : PluginLog {
    [[nodiscard]] bool enabled(LogLevel) const override { return true; }
    void line(LogLevel, std::string_view, std::string_view message, std::string_view) override {
      if (message.find("a recorded answer stands for a paid request") != std::string_view::npos) ++spared;
    }
    std::atomic<int> spared{0};
  };

  const std::string origin_;
  std::unique_ptr<HttpClient> client_ = std::make_unique<HttpClient>(HttpClient::Options{});
  CountingLog log_;
  LocalHttpGateway gateway_;
};

/// An attempt of task "ask" of run "run-1"; each is the same attempt, started again.
class AskingAttempt {
 public:
  explicit AskingAttempt(int try_number = 1, bool of_run = true) {
    task_.id = "ask";
    TaskCall call = RecordingAttempt::call_of("{}");
    call.task = &task_;
    call.try_number = try_number;
    call.of_run = of_run;
    attempt_ = std::make_shared<RecordingAttempt>(listener_, std::move(call));
  }
  operator const Attempt&() const { return *attempt_; }

 private:
  RecordingListener listener_;
  Task task_;
  std::shared_ptr<RecordingAttempt> attempt_;
};

}  // namespace leeward::test
