/* leeward/ext/wait.h - "leeward.wait/1": how long a task that looks again and again has been looking.
 *
 * For sensors: operators that end with LW_RESCHEDULE until something is ready. Both count over all retries of the task,
 * as a sensor's timeout does. */
#ifndef LEEWARD_EXT_WAIT_H
#define LEEWARD_EXT_WAIT_H

#include <leeward/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LW_EXT_WAIT "leeward.wait/1"

typedef struct lw_wait {
  uint32_t size;
  uint32_t reserved;
  /* [any] Milliseconds from the start of the task's first attempt to the start of this one; 0 in the first. An operator
   * that another one called (leeward.call/1) is told its caller's. */
  int64_t (*waited_ms)(lw_task*);
  /* [any] How often the task has ended with LW_RESCHEDULE before; a question to a person (leeward.input/1) does not
   * count. */
  int64_t (*reschedules)(lw_task*);
} lw_wait;

#ifdef __cplusplus
}
#endif
#endif
