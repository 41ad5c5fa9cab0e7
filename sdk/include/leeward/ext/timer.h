/* leeward/ext/timer.h - "leeward.timer/1": waiting without a thread. */
#ifndef LEEWARD_EXT_TIMER_H
#define LEEWARD_EXT_TIMER_H

#include <leeward/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LW_EXT_TIMER "leeward.timer/1"

typedef struct lw_timer {
  uint32_t size;
  uint32_t reserved;
  /* [task] `callback(arg, outcome)` runs exactly once on a host thread: LW_OK after `delay_ms`, LW_CANCELLED as soon as
   * the task is to stop. Never from inside after(), but on its own thread perhaps before after() has returned. The
   * task must be held until then. */
  lw_code (*after)(lw_task*, uint64_t delay_ms, void (*callback)(void* arg, lw_code), void* arg);
} lw_timer;

#ifdef __cplusplus
}
#endif
#endif
