#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string_view>

#include "core/store/call_ledger.hpp"

namespace leeward {

/// Keeps calls in memory, for as long as the process lives: for tests, and for runs that nobody takes up again. Calls
/// back before its functions return. Thread-safe.
class MemoryCallLedger final : public CallLedger {
 public:
  void intend(CallKey key, std::function<void(Result<Standing>)> then) override;
  void answered(CallKey key, CallAnswer answer, std::function<void(Status)> then) override;
  void not_made(CallKey key) override;

  [[nodiscard]] std::size_t calls() const;
  /// Of one task instance, over all its attempts.
  [[nodiscard]] int possible_duplicates(std::string_view run_id, std::string_view task_id, int map_index) const;

 private:
  struct Call {
    int number = 0;
    int intents = 0;
    std::optional<CallAnswer> answer;
  };
  [[nodiscard]] Standing stand(const CallKey& key);
  [[nodiscard]] int next_number(const CallKey& key) const;

  mutable std::mutex mutex_;
  std::map<CallKey, Call> calls_;  ///< guarded by mutex_
};

}  // namespace leeward
