#include "core/exec/pool_table.hpp"

#include <utility>

#include "core/base/assert.hpp"

namespace leeward {

PoolTable::PoolTable(std::map<std::string, Pool, std::less<>> pools) {
  for (auto& [name, pool] : pools) pools_.emplace(name, Entry{pool, 0});
}

const PoolTable::Pool* PoolTable::find(std::string_view name) const {
  const auto found = pools_.find(name);  // the map itself never changes
  return found == pools_.end() ? nullptr : &found->second.pool;
}

bool PoolTable::take(std::string_view pool, std::size_t slots) {
  const auto found = pools_.find(pool);
  if (found == pools_.end()) return true;
  const std::lock_guard lock(mutex_);
  Entry& entry = found->second;
  if (slots > entry.pool.slots - entry.taken) return false;
  entry.taken += slots;
  return true;
}

void PoolTable::give_back(std::string_view pool, std::size_t slots) {
  const auto found = pools_.find(pool);
  if (found == pools_.end()) return;
  const std::lock_guard lock(mutex_);
  LW_ASSERT(found->second.taken >= slots, "only what was taken is given back");
  found->second.taken -= slots;
  for (const auto& [id, freed] : listeners_) freed();
}

std::size_t PoolTable::listen(std::function<void()> freed) {
  const std::lock_guard lock(mutex_);
  listeners_.emplace(next_listener_, std::move(freed));
  return next_listener_++;
}

void PoolTable::stop_listening(std::size_t listener) {
  const std::lock_guard lock(mutex_);
  listeners_.erase(listener);
}

}  // namespace leeward
