#include "core/store/memory_call_ledger.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace leeward {

void MemoryCallLedger::intend(CallKey key, std::function<void(Result<Standing>)> then) { then(stand(key)); }

CallLedger::Standing MemoryCallLedger::stand(const CallKey& key) {
  const std::lock_guard lock{mutex_};
  const auto found = calls_.find(key);
  if (found == calls_.end()) {
    const int number = next_number(key);
    calls_[key] = {number, 1, {}};
    return {{}, number, false};
  }
  Call& call = found->second;
  if (call.answer) return {call.answer, call.number, false};
  ++call.intents;
  return {{}, call.number, true};
}

/// REQUIRES: mutex_ is held.
int MemoryCallLedger::next_number(const CallKey& key) const {
  CallKey first = key;
  first.digest.clear();
  first.ordinal = 0;
  int next = 0;
  for (auto at = calls_.lower_bound(first); at != calls_.end(); ++at) {
    CallKey other = at->first;
    other.digest.clear();
    other.ordinal = 0;
    if (other != first) break;
    next = std::max(next, at->second.number + 1);
  }
  return next;
}

void MemoryCallLedger::answered(CallKey key, CallAnswer answer, std::function<void(Status)> then) {
  {
    const std::lock_guard lock{mutex_};
    const auto call = calls_.find(key);
    LW_ASSERT(call != calls_.end(), "an answer comes after an intent");
    call->second.answer = std::move(answer);
  }
  then(done());
}

void MemoryCallLedger::not_made(CallKey key) {
  const std::lock_guard lock{mutex_};
  const auto call = calls_.find(key);
  LW_ASSERT(call != calls_.end(), "only an intent is taken back");
  if (--call->second.intents == 0) calls_.erase(call);
}

std::size_t MemoryCallLedger::calls() const {
  const std::lock_guard lock{mutex_};
  return calls_.size();
}

int MemoryCallLedger::possible_duplicates(std::string_view run_id, std::string_view task_id, int map_index) const {
  const std::lock_guard lock{mutex_};
  int count = 0;
  for (const auto& [key, call] : calls_) {
    if (key.run_id != run_id || key.task_id != task_id || key.map_index != map_index) continue;
    count += call.intents - 1 + (call.answer && call.answer->sent_twice ? 1 : 0);
  }
  return count;
}

}  // namespace leeward
