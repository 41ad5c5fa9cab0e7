#pragma once

#include "core/store/run_store.hpp"

namespace leeward::test {

/// A store that hands everything on to another one: for stores that do something on the way. `inner` must outlive it.
class ForwardingStore : public RunStore {
 public:
  explicit ForwardingStore(RunStore& inner) : inner_(inner) {}

  Status begin(const std::shared_ptr<const RunInfo>& run, const std::shared_ptr<const Dag>& dag) override {
    return inner_.begin(run, dag);
  }
  Status reopen(const std::shared_ptr<const RunInfo>& run, const std::shared_ptr<const Dag>& dag) override {
    return inner_.reopen(run, dag);
  }
  Status append(const RunInfo& run, std::span<const Event> events) override { return inner_.append(run, events); }
  Result<RunRecord> load(std::string_view run_id) const override { return inner_.load(run_id); }
  Result<RunHistory> history(std::string_view run_id) const override { return inner_.history(run_id); }
  Result<std::vector<RunSummary>> list(const RunQuery& query) const override { return inner_.list(query); }
  Result<std::optional<std::string>> previous_run(std::string_view dag_id, Timestamp logical_date) const override {
    return inner_.previous_run(dag_id, logical_date);
  }
  Result<std::optional<std::string>> run_at(std::string_view dag_id, Timestamp logical_date) const override {
    return inner_.run_at(dag_id, logical_date);
  }
  Result<std::vector<TaskState>> task_states(std::string_view run_id, std::string_view task_id) const override {
    return inner_.task_states(run_id, task_id);
  }
  Result<RunState> run_state(std::string_view run_id) const override { return inner_.run_state(run_id); }

 protected:
  [[nodiscard]] RunStore& inner() noexcept { return inner_; }

 private:
  RunStore& inner_;
};

}  // namespace leeward::test
