#include "host/app/pool_check.hpp"

#include <set>
#include <string_view>

#include "core/base/json.hpp"
#include "core/base/suggestion.hpp"

namespace leeward {
namespace {

constexpr std::string_view kDefaultPool = "default_pool";

Error no_such_pool(const Task& task, const std::string& pool, const std::vector<std::string>& known) {
  return {"run.pool", "task \"" + task.id + "\": the configuration has no pool " + json_quote(pool) +
                          did_you_mean(pool, known) + "; add it: {\"pools\": {" + json_quote(pool) +
                          ": 4}}, with as many slots as tasks may work in it at the same time"};
}

Error too_few_slots(const Task& task, const std::string& pool, std::size_t slots) {
  return {"run.pool_slots", "task \"" + task.id + "\" asks for " + std::to_string(task.pool_slots) +
                                (task.pool_slots == 1 ? " slot" : " slots") + " of pool " + json_quote(pool) +
                                ", which has " + std::to_string(slots) + ": it would never start"};
}

}  // namespace

void check_pools(const Dag& dag, const PoolTable& pools, const std::vector<std::string>& known, Errors& errors) {
  std::set<std::string_view> missing;
  for (const Task& task : dag.tasks()) {
    const std::string& name = dag.header().pools[task.pool];
    const PoolTable::Pool* pool = pools.find(name);
    if (pool != nullptr && static_cast<std::size_t>(task.pool_slots) > pool->slots) {
      errors.push_back(too_few_slots(task, name, pool->slots));
    } else if (pool == nullptr && name != kDefaultPool && missing.insert(name).second) {
      errors.push_back(no_such_pool(task, name, known));
    }
  }
}

}  // namespace leeward
