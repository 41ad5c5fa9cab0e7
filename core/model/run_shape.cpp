#include "core/model/run_shape.hpp"

#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/json.hpp"

namespace leeward {
namespace {

class DagShape final : public RunShape {
 public:
  explicit DagShape(std::shared_ptr<const Dag> dag) : dag_(std::move(dag)) {}
  std::size_t size() const noexcept override { return dag_->size(); }
  TaskShape task(TaskIndex index) const override {
    const Task& task = dag_->task(index);
    return {task.id, task.op->name, task.output_key, task.outputs, publishes(task)};
  }
  TaskIndex find(std::string_view task_id) const override { return dag_->find(task_id); }

 private:
  const std::shared_ptr<const Dag> dag_;
};

/// Read from a store.
class KeptShape final : public RunShape {
 public:
  struct Kept {
    std::string id;
    std::string operator_name;
    std::string output_key;
    std::vector<std::string> outputs;
    bool publishes = false;
  };
  explicit KeptShape(std::vector<Kept> tasks) : tasks_(std::move(tasks)) {
    for (std::uint32_t i = 0; i < tasks_.size(); ++i) by_id_.emplace(tasks_[i].id, TaskIndex{i});
  }
  std::size_t size() const noexcept override { return tasks_.size(); }
  TaskShape task(TaskIndex index) const override {
    const Kept& kept = tasks_[index.value];
    return {kept.id, kept.operator_name, kept.output_key, kept.outputs, kept.publishes};
  }
  TaskIndex find(std::string_view task_id) const override {
    const auto found = by_id_.find(task_id);
    return found == by_id_.end() ? TaskIndex{} : found->second;
  }

 private:
  const std::vector<Kept> tasks_;
  std::unordered_map<std::string_view, TaskIndex> by_id_;
};

Error invalid() { return {"run_shape.invalid", "the stored list of a run's tasks is damaged, or newer than this"}; }

bool read_task(const Json& json, KeptShape::Kept& task) {
  const Json id = json["id"], op = json["operator"], key = json["output_key"], publishes = json["publishes"];
  if (!id.is_string() || !op.is_string() || !key.is_string() || !publishes.is_boolean()) return false;
  task = {std::string{id.string()}, std::string{op.string()}, std::string{key.string()}, {}, publishes.boolean()};
  const Json outputs = json["outputs"];
  if (!outputs.is_array()) return false;
  for (const Json name : outputs) {
    if (!name.is_string()) return false;
    task.outputs.emplace_back(name.string());
  }
  return true;
}

}  // namespace

bool publishes(const Task& task) noexcept {
  return task.do_xcom_push && !(task.output_key.empty() && task.outputs.empty());
}

std::shared_ptr<const RunShape> shape_of(std::shared_ptr<const Dag> dag) {
  return std::make_shared<const DagShape>(std::move(dag));
}

std::string encode_shape(const RunShape& shape) {
  JsonWriter out;
  out.begin_array();
  for (TaskIndex i{0}; i.value < shape.size(); ++i.value) {
    const RunShape::TaskShape task = shape.task(i);
    out.begin_object().member("id", task.id).member("operator", task.operator_name);
    out.member("output_key", task.output_key).key("outputs").begin_array();
    for (const std::string& name : task.outputs) out.string(name);
    out.end_array().key("publishes").boolean(task.publishes).end_object();
  }
  out.end_array();
  return out.take();
}

Result<std::shared_ptr<const RunShape>> decode_shape(const Value& json) {
  const auto document = JsonDocument::parse(std::string{json.json()});
  if (!document || !(*document)->root().is_array()) return invalid();
  std::vector<KeptShape::Kept> tasks;
  for (const Json task : (*document)->root()) {
    if (!read_task(task, tasks.emplace_back())) return invalid();
  }
  return std::shared_ptr<const RunShape>{std::make_shared<const KeptShape>(std::move(tasks))};
}

}  // namespace leeward
