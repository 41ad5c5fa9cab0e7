#include "tests/simulation/random_dag.hpp"

#include <string>

#include "tests/support/dag_of.hpp"

namespace leeward::test {
namespace {

bool one_in(std::mt19937_64& random, unsigned n) { return random() % n == 0; }

Task random_task(std::mt19937_64& random, std::size_t number) {
  Task task;
  task.id = "t" + std::to_string(number);
  task.op = &scripted_info();
  task.with.json_after = "{}";
  const auto words = trigger_rule_words();
  if (one_in(random, 2)) task.trigger_rule = *trigger_rule_of(words[random() % words.size()]);
  task.retry.retries = static_cast<int>(random() % 3);
  task.retry.delay = std::chrono::seconds(random() % 3);
  if (one_in(random, 4)) task.execution_timeout = std::chrono::seconds(1 + random() % 3);
  if (one_in(random, 2)) task.output_key = "out_" + task.id;
  if (one_in(random, 4)) {
    static constexpr const char* kLists[] = {"[]", "[1]", "[1,2]", "[1,2,3]"};
    auto mapping = std::make_shared<Mapping>();
    mapping->keys.emplace_back().name = "item";
    mapping->keys.back().items.value.json_after = kLists[random() % 4];
    task.mapping = std::move(mapping);
  }
  return task;
}

}  // namespace

std::shared_ptr<const Dag> random_dag(std::mt19937_64& random) {
  const std::size_t size = 1 + random() % 12;
  const unsigned sparseness = 1 + static_cast<unsigned>(random() % 5);
  std::vector<Task> tasks;
  std::vector<Dag::Edge> edges;
  for (std::uint32_t i = 0; i < size; ++i) {
    tasks.push_back(random_task(random, i));
    for (std::uint32_t upstream = 0; upstream < i; ++upstream) {
      if (one_in(random, sparseness)) edges.push_back({TaskIndex{upstream}, TaskIndex{i}});
    }
  }
  Dag::Header header;
  header.id = "random";
  if (one_in(random, 8)) header.dagrun_timeout = std::chrono::seconds(1 + random() % 10);
  return std::make_shared<const Dag>(std::move(header), std::move(tasks), edges);
}

}  // namespace leeward::test
