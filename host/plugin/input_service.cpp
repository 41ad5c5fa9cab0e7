// "leeward.input/1": asking a person. What is asked waits in the attempt's outcome; the engine does the rest.

#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"

namespace leeward {

const lw_input kInputService = {sizeof(lw_input), 0,
                                [](lw_task* task, lw_str request) { return HostTask::of(task).ask(text_of(request)); },
                                [](lw_task* task, const lw_buf** out) { return HostTask::of(task).answer(out); }};

}  // namespace leeward
