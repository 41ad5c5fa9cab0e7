/* leeward/ext/run.h - "leeward.run/1": one run starts another, and asks how others went. */
#ifndef LEEWARD_EXT_RUN_H
#define LEEWARD_EXT_RUN_H

#include <leeward/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LW_EXT_RUN "leeward.run/1"

/* How a trigger ended. Borrowed: valid inside the callback. */
typedef struct lw_run_result {
  uint32_t size;
  lw_code outcome;       /* LW_OK; LW_FAIL: no run was started; LW_CANCELLED: the task is to stop, and the run too   */
  lw_str result_json;    /* with LW_OK: {"run_id": "...", "dag_id": "...", "state": "..."}; more members may come    */
  const lw_error* error; /* NULL with LW_OK                                                                         */
} lw_run_result;

typedef struct lw_run {
  uint32_t size;
  uint32_t reserved;

  /* A run is queued, running, success, failed or canceled: the last three are ends. A task's instance ends as success,
   * failed, skipped, upstream_failed, removed, canceled or lost; any other word means that it has not ended. */

  /* [task] Starts a run of another DAG in this host. `request_json` is an object:
   *   "dag"           a DAG file, relative to the folder of the DAG file that this task's run came from, or the dag_id
   *                   of a DAG in that folder. The only member that must be there
   *   "conf"          an object: the run's conf, and values for declared params
   *   "params"        an object: the run's params; wins over "conf"
   *   "logical_date"  RFC 3339; without it the run's is now
   *   "run_id"        without it the host makes one
   *   "wait"          true: `on_done` comes when the run has ended, however it ended, and a task that is to stop takes
   *                   the run along. Otherwise as soon as the run is accepted; its state is then queued or running
   *
   * A host refuses members that it does not know. A task whose trigger waits counts against no pool and no limit of its
   * DAG once execute() has returned LW_DEFERRED.
   *
   * Everything is copied. With LW_OK `on_done(arg, result)` follows exactly once, on any thread, perhaps before
   * trigger() returns; the task must be held until then. Otherwise, after task->set_error(): LW_INVALID with
   * run.invalid (the request is not as above), or LW_DENIED with run.denied (this host starts no runs).
   *
   * Errors of a result, by type; more may come, and mean that no run was started:
   *   run.denied         this host does not let the plugin start runs of this DAG
   *   run.unknown_dag    there is no such DAG
   *   run.ambiguous_dag  two files in the folder have this dag_id
   *   run.outside        "dag" is a file outside the folder
   *   run.invalid_dag    mistakes in its file, or this host lacks what it needs
   *   run.param          conf or params do not fit what the DAG declares
   *   run.exists         a run of this id or logical date is there
   *   run.too_deep       runs that start each other more than 16 deep
   *   run.too_many       too many runs wait for their turn
   *   run.deadlock       it would wait for a run that waits for it
   *   run.no_thread      the system is at its limits
   *   run.store          it could not be recorded, or not until its end
   *   run.canceled       the task is to stop, or the host is: the outcome is LW_CANCELLED, and the attempt should end
   *                      with that; what a host that stops has put off is started again another day */
  lw_code (*trigger)(lw_task*, lw_str request_json, void (*on_done)(void* arg, const lw_run_result*), void* arg);

  /* [any] How a run went, or is going. `query_json` is an object: "dag_id" and "logical_date" (RFC 3339), or "run_id";
   * and "task_ids", a list, perhaps empty. *out carries one reference for the caller:
   * As with trigger(), a host refuses members that it does not know, and its answer may have more:
   *   {"run_id": "...", "state": "success", "tasks": {"extract": ["success"], "mapped": ["success", "failed"]}}
   * `run_id` and `state` are null if there is no such run. A task has a state for each of its instances, by map index,
   * and none if the run has no such task. LW_INVALID, LW_DENIED, LW_FAIL (the store failed), after task->set_error().
   */
  lw_code (*task_states)(lw_task*, lw_str query_json, const lw_buf** out);
} lw_run;

#ifdef __cplusplus
}
#endif
#endif
