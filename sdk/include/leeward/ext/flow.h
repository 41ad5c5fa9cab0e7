/* leeward/ext/flow.h - "leeward.flow/1": which tasks downstream a task that succeeds takes along into being skipped.
 *
 * To choose among the tasks downstream, there is branch() in lw_task_api; this is for the task after which there may be
 * nothing to do (a short circuit). Teardowns are never skipped. */
#ifndef LEEWARD_EXT_FLOW_H
#define LEEWARD_EXT_FLOW_H

#include <leeward/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LW_EXT_FLOW "leeward.flow/1"

enum {
  LW_DOWNSTREAM_NONE = 0,   /* nothing is skipped: takes an earlier call back                              */
  LW_DOWNSTREAM_DIRECT = 1, /* the tasks directly downstream; what lies behind them follows its trigger rules */
  LW_DOWNSTREAM_ALL = 2     /* whatever the task leads to, whatever the trigger rules there                */
};

typedef struct lw_flow {
  uint32_t size;
  uint32_t reserved;
  /* [task] Counts when the outcome is LW_OK; the last call wins. LW_INVALID: no such value. LW_DENIED, after
   * task->set_error(): the operator was called by another one (leeward.call/1), and no task is its own. */
  lw_code (*skip_downstream)(lw_task*, int32_t which);
} lw_flow;

#ifdef __cplusplus
}
#endif
#endif
