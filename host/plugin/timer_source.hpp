#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "host/net/http_client.hpp"

namespace leeward {

/// Waiting without a thread. Thread-safe; outlives every task.
class TimerSource {
 public:
  using Handle = HttpClient::Handle;

  virtual ~TimerSource() = default;
  /// Runs `callback` after `delay`, on a thread that must not wait; as soon as it is cancelled, if it is. The argument:
  /// was it cancelled? Never from inside after().
  [[nodiscard]] virtual std::shared_ptr<Handle> after(std::chrono::milliseconds delay,
                                                      std::function<void(bool cancelled)> callback) = 0;
};

/// Timers on the thread that the HTTP client has anyway. `client` must outlive this.
class ClientTimers final : public TimerSource {
 public:
  explicit ClientTimers(HttpClient& client) : client_(client) {}
  [[nodiscard]] std::shared_ptr<Handle> after(std::chrono::milliseconds delay,
                                              std::function<void(bool cancelled)> callback) override {
    return client_.after(delay, std::move(callback));
  }

 private:
  HttpClient& client_;
};

}  // namespace leeward
