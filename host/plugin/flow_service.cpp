// "leeward.flow/1": skipping what lies downstream.

#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"

namespace leeward {

const lw_flow kFlowService = {sizeof(lw_flow), 0,
                              [](lw_task* task, int32_t which) { return HostTask::of(task).skip_downstream(which); }};

}  // namespace leeward
