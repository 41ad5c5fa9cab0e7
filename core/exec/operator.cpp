#include "core/exec/operator.hpp"

namespace leeward {

std::string TaskCall::idempotency_key() const {
  constexpr char kSeparator = '/';  // in no run id and no task id; the key may stand in an HTTP header
  std::string key = run->run_id;
  key += kSeparator;
  key += task->id;
  key += kSeparator;
  key += std::to_string(map_index);
  return key;
}

}  // namespace leeward
