#include "tests/bench/no_op.hpp"

#include <string>
#include <utility>
#include <vector>

namespace leeward::bench {

std::shared_ptr<const Dag> dag_of_shape(const Shape& shape, const OperatorInfo& op) {
  std::vector<Task> tasks(shape.size);
  for (std::uint32_t i = 0; i < shape.size; ++i) {
    tasks[i].id = "t" + std::to_string(i);
    tasks[i].op = &op;
    tasks[i].with.json_after = "{}";
  }
  std::vector<Dag::Edge> edges;
  edges.reserve(shape.edges.size());
  for (const auto& [from, to] : shape.edges) edges.push_back({TaskIndex{from}, TaskIndex{to}});
  Dag::Header header;
  header.id = shape.name;
  return std::make_shared<const Dag>(std::move(header), std::move(tasks), edges);
}

}  // namespace leeward::bench
