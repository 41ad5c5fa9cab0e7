/* leeward/ext/call.h - "leeward.call/1": one operator calls another, or a callable, by name.
 *
 * The callee runs as part of the caller's task: same run, same cancellation; its log lines, streamed output and usage
 * count as the caller's. Where it runs (in process or not) is the host's business.
 *
 * A host need not let every plugin call everything. Leeward lets one that runs in a process of its own call what the
 * same plugin brings, and else only what its configuration grants ("isolation": {"calls": {"PLUGIN": ["NAME"]}}): any
 * other callee ends at once, as LW_FAIL with call.denied. */
#ifndef LEEWARD_EXT_CALL_H
#define LEEWARD_EXT_CALL_H

#include <leeward/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LW_EXT_CALL "leeward.call/1"

enum { LW_CALL_OPERATOR = 0, LW_CALL_CALLABLE = 1 };

typedef struct lw_call_request {
  uint32_t size;
  uint32_t kind;      /* LW_CALL_OPERATOR or LW_CALL_CALLABLE: names are looked up apart                   */
  lw_str name;        /* "llm", "text.join"                                                                */
  lw_str params_json; /* checked against the callee's params_schema                                        */
} lw_call_request;

typedef struct lw_call_result {
  uint32_t size;
  lw_code outcome;          /* as the callee ended; never LW_DEFERRED                                      */
  const lw_buf* value;      /* its result, NULL if it set none. Borrowed: retain it to keep it             */
  const lw_error* error;    /* NULL with LW_OK                                                             */
  const lw_str* branch_ids; /* what it chose by branch(), NULL if it never called that                     */
  size_t branch_count;
} lw_call_result;

typedef struct lw_call {
  uint32_t size;
  uint32_t reserved;
  /* [task] Everything is copied. With LW_OK `on_done(arg, result)` follows exactly once, on any thread, perhaps before
   * invoke() returns; the caller's task must be held until then. Otherwise: LW_NOT_FOUND no such name, LW_INVALID the
   * parameters do not fit, LW_DENIED calls are nested deeper than 8; each after task->set_error(). */
  lw_code (*invoke)(lw_task*, const lw_call_request*, void (*on_done)(void* arg, const lw_call_result*), void* arg);
} lw_call;

#ifdef __cplusplus
}
#endif
#endif
