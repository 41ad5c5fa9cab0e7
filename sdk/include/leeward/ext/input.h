/* leeward/ext/input.h - "leeward.input/1": a task asks a person, and holds nothing while it waits.
 *
 * The operator looks for an answer(); without one it calls ask() and ends with LW_RESCHEDULE. The task is then
 * `awaiting_input`. When somebody has answered, or the time is over, the operator is executed again, with the answer;
 * that uses up no retry. */
#ifndef LEEWARD_EXT_INPUT_H
#define LEEWARD_EXT_INPUT_H

#include <leeward/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LW_EXT_INPUT "leeward.input/1"

typedef struct lw_input {
  uint32_t size;
  uint32_t reserved;
  /* [task] What is asked, a JSON object; every member may be absent:
   *   "subject", "body"   text
   *   "options"           texts, of which to choose one; without any there is nothing to choose
   *   "multiple"          true: several may be chosen
   *   "defaults"          of `options`: chosen when the time is over
   *   "form"              an object of fields and their defaults, to be filled in beside the choice
   *   "respondents"       texts: who may answer; without any, anybody
   *   "timeout_ms"        a number; without it, the task waits for ever
   * Copied; the last call wins; without effect unless the outcome is LW_RESCHEDULE. LW_INVALID, after
   * task->set_error(): it is not such an object. LW_DENIED, likewise: the operator was called by another one
   * (leeward.call/1); only a task can wait for a person. */
  lw_code (*ask)(lw_task*, lw_str request_json);
  /* [any] The answer, a JSON object: {"chosen_options": [...], "params_input": {...}, "responded_by": "..." or null,
   * "timed_out": false}. Borrowed. LW_NOT_FOUND: nobody was asked yet. */
  lw_code (*answer)(lw_task*, const lw_buf** out);
} lw_input;

#ifdef __cplusplus
}
#endif
#endif
