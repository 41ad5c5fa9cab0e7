// "leeward.wait/1": how long a task has been waiting, as the engine counts it.

#include <chrono>

#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"

namespace leeward {
namespace {

int64_t waited_ms(lw_task* task) {
  const Duration waited = HostTask::of(task).attempt()->call().waited;
  return std::chrono::duration_cast<std::chrono::milliseconds>(waited).count();
}

int64_t reschedules(lw_task* task) { return HostTask::of(task).attempt()->call().reschedules; }

}  // namespace

const lw_wait kWaitService = {sizeof(lw_wait), 0, waited_ms, reschedules};

}  // namespace leeward
