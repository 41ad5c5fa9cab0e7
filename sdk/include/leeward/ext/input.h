/* leeward/ext/input.h - "leeward.input/1": a task asks a person, and holds nothing while it waits.
 *
 * The operator looks for an answer(); without one it calls ask() and ends with LW_RESCHEDULE. The task is then
 * `awaiting_input`. When somebody has answered, or the time is over, the operator is executed again, with the answer;
 * that uses up no retry.
 *
 * The answer belongs to the try that asked. However often the try is executed (LW_RESCHEDULE) it finds the answer
 * again; after LW_RETRY the next try has none, and asks anew. Who asks a second question in one try finds, once it is
 * answered, the second answer alone: the questions must be told apart by what is in the answers. */
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
   *   "form"              an object of fields and their defaults, to be filled in beside the choice. What is filled in
   *                       has the JSON type of the default; where that is null, any. A number, true or false for a
   *                       text becomes text
   *   "respondents"       texts: the users who may answer; without any, anybody. A user is named as the host names him
   *                       (for `leeward runs answer`: the login name, "uid:1000" where there is none, or what --as
   *                       says); names are compared byte by byte
   *   "timeout_ms"        a number; without it, the task waits for ever
   * Copied; the last call that was taken wins; without effect unless the outcome is LW_RESCHEDULE. LW_INVALID, after
   * task->set_error(): it is not such an object, or has a member that the host does not know. Members that come later
   * come with a field at the end of this table: LW_HAS(lw_input, input, field) tells whether the host knows them.
   * LW_DENIED, likewise: the operator was called by another one (leeward.call/1); only a task can wait for a person. */
  lw_code (*ask)(lw_task*, lw_str request_json);
  /* [any] The answer, a JSON object: {"chosen_options": [...], "params_input": {...}, "responded_by": "..." or null,
   * "timed_out": false}. `params_input` has every field of the form. `responded_by` is a user's name, null when the
   * time was over. Other members may come. Borrowed. LW_NOT_FOUND: this try has asked nobody yet, or the operator was
   * called by another one, whose answer is not its own. */
  lw_code (*answer)(lw_task*, const lw_buf** out);
} lw_input;

#ifdef __cplusplus
}
#endif
#endif
