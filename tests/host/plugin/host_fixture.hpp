#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/exec/operator.hpp"
#include "core/store/memory_call_ledger.hpp"
#include "host/net/http_client.hpp"
#include "host/plugin/local_http_gateway.hpp"
#include "host/plugin/service_context.hpp"
#include "tests/support/scripted_operator.hpp"

namespace leeward::test {

/// What operators of a test stand on: a real HTTP client, connections from a map, names from a map.
class HostFixture : public OperatorCatalog, public OperatorSource, public ConnectionSource, public PluginLog {
 public:
  std::map<std::string, Connection, std::less<>> connections;
  std::map<std::string, Operator*, std::less<>> operators;
  std::map<std::string, Operator*, std::less<>> callables;
  RecordingListener listener;
  MemoryCallLedger ledger;
  HttpClient client{HttpClient::Options{}};
  LocalHttpGateway http{client, *this, &ledger};
  ClientTimers timers{client};
  CalleeThreads callee_threads;
  std::atomic<std::size_t> unfinished{0};
  ServiceContext services{http, timers, *this, *this, *this, callee_threads, unfinished};

  [[nodiscard]] Result<Connection> connection(std::string_view id) const override {
    const auto at = connections.find(id);
    if (at == connections.end()) return Error{"connection.unknown", "there is no connection"};
    return at->second;
  }
  [[nodiscard]] bool enabled(LogLevel) const override { return true; }
  void line(LogLevel, std::string_view, std::string_view, std::string_view) override {}
  [[nodiscard]] const OperatorInfo* find_operator(std::string_view name) const override {
    return find(operators, name);
  }
  [[nodiscard]] const OperatorInfo* find_callable(std::string_view name) const override {
    return find(callables, name);
  }
  [[nodiscard]] std::vector<std::string> operator_names() const override { return {}; }
  [[nodiscard]] std::vector<std::string> callable_names() const override { return {}; }
  [[nodiscard]] Operator& operator_of(const OperatorInfo& info) override {
    for (const auto* table : {&operators, &callables}) {
      for (const auto& [name, op] : *table) {
        if (&op->info() == &info) return *op;
      }
    }
    throw std::logic_error("unknown operator");
  }

 private:
  using Table = std::map<std::string, Operator*, std::less<>>;
  static const OperatorInfo* find(const Table& table, std::string_view name) {
    const auto at = table.find(name);
    return at == table.end() ? nullptr : &at->second->info();
  }
};

/// An attempt that keeps how it ended, and can be waited for.
class RecordingAttempt final : public Attempt {
 public:
  RecordingAttempt(AttemptListener& listener, std::string params)
      : RecordingAttempt(listener, call_of(std::move(params))) {}
  RecordingAttempt(AttemptListener& listener, TaskCall call) : Attempt(std::move(call), cancel_token_, listener) {}

  static TaskCall call_of(std::string params) {
    auto run = std::make_shared<RunInfo>();
    run->run_id = "run-1";
    run->dag_id = "dag-1";
    TaskCall call;
    call.run = std::move(run);
    call.params = Value{std::move(params)};
    return call;
  }

  void complete(TaskOutcome outcome) override {
    const std::lock_guard lock{mutex_};
    if (outcome_) throw std::logic_error("an attempt ended twice");
    outcome_ = std::move(outcome);
    ended_.notify_all();
  }
  void defer(bool idle) override {
    const std::lock_guard lock{mutex_};
    ++deferrals_;
    idle_ = idle;
  }
  [[nodiscard]] int deferrals() const {
    const std::lock_guard lock{mutex_};
    return deferrals_;
  }
  /// What the last one said.
  [[nodiscard]] bool idle() const {
    const std::lock_guard lock{mutex_};
    return idle_;
  }
  [[nodiscard]] bool ended() const {
    const std::lock_guard lock{mutex_};
    return outcome_.has_value();
  }
  TaskOutcome wait() {
    std::unique_lock lock{mutex_};
    ended_.wait(lock, [this] { return outcome_.has_value(); });
    return *outcome_;
  }

 private:
  CancelToken cancel_token_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<TaskOutcome> outcome_;
  int deferrals_ = 0;
  bool idle_ = false;
};

}  // namespace leeward::test
