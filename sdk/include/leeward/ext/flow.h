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
  /* [task] Counts when the outcome is LW_OK; the last call that was taken wins. LW_INVALID, after task->set_error():
   * no such value; values that come later come with a field at the end of this table (LW_HAS). LW_DENIED, likewise: the
   * operator was called by another one (leeward.call/1), and no task is its own.
   *
   * With branch() in the same attempt both apply, in whichever order: what was not chosen is skipped, and so is what
   * this skips, chosen or not. The instances of a mapped task speak together: what is not in a mapped group with them
   * is skipped if all of them say so, and only as far as the least of them says. */
  lw_code (*skip_downstream)(lw_task*, int32_t which);
} lw_flow;

#ifdef __cplusplus
}
#endif
#endif
