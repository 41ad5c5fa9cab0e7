#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/exec/operator.hpp"

namespace leeward::test {

/// An operator that does what a lambda says.
class ScriptedOperator final : public Operator {
 public:
  using Body = std::function<void(std::shared_ptr<Attempt>)>;
  ScriptedOperator(OperatorInfo info, Body body) : info_(std::move(info)), body_(std::move(body)) {}
  [[nodiscard]] const OperatorInfo& info() const noexcept override { return info_; }
  void execute(std::shared_ptr<Attempt> attempt) override { body_(std::move(attempt)); }

 private:
  OperatorInfo info_;
  Body body_;
};

/// Gives one operator for every info.
class SingleOperatorSource final : public OperatorSource {
 public:
  explicit SingleOperatorSource(Operator& op) : op_(op) {}
  [[nodiscard]] Operator& operator_of(const OperatorInfo&) override { return op_; }

 private:
  Operator& op_;
};

/// Keeps what attempts say. Thread-safe.
class RecordingListener final : public AttemptListener {
 public:
  void on_log(const TaskCall&, LogLevel, std::string_view message, std::string_view) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(message);
  }
  void on_progress(const TaskCall&, double, std::string_view) override {}
  bool on_output(const TaskCall&, std::string_view, std::string_view) override { return true; }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace leeward::test
