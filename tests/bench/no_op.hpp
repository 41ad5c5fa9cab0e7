#pragma once

#include <memory>
#include <string_view>

#include "core/exec/executor.hpp"
#include "core/exec/operator.hpp"
#include "core/exec/thread_pool_executor.hpp"
#include "core/model/dag.hpp"
#include "tests/bench/shapes.hpp"

namespace leeward::bench {

/// Succeeds at once, on the loop's own thread.
class NoOp final : public Operator {
 public:
  NoOp() {
    info_.name = "no_op";
    info_.traits.inline_execution = true;
  }
  [[nodiscard]] const OperatorInfo& info() const noexcept override { return info_; }
  void execute(std::shared_ptr<Attempt> attempt) override { attempt->complete({}); }

 private:
  OperatorInfo info_;
};

class OneSource final : public OperatorSource {
 public:
  explicit OneSource(Operator& op) : op_(op) {}
  [[nodiscard]] Operator& operator_of(const OperatorInfo&) override { return op_; }

 private:
  Operator& op_;
};

class DeafListener final : public AttemptListener {
 public:
  void on_log(const TaskCall&, LogLevel, std::string_view, std::string_view) override {}
  void on_progress(const TaskCall&, double, std::string_view) override {}
  bool on_output(const TaskCall&, std::string_view, std::string_view) override { return true; }
};

/// A task for each node, all of this operator, which must outlive the Dag.
[[nodiscard]] std::shared_ptr<const Dag> dag_of_shape(const Shape& shape, const OperatorInfo& op);

}  // namespace leeward::bench
