/* leeward/host.h - what the host offers a plugin: buffers, logging, extensions, and the task at hand. */
#ifndef LEEWARD_HOST_H
#define LEEWARD_HOST_H

#include <leeward/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Services that do not belong to one task. Valid for the life of the process. */
typedef struct lw_host {
  uint32_t size;
  uint32_t abi_version; /* LW_ABI_VERSION of the host                                                      */
  const char* name;     /* "leeward", or "leeward-harness" in a unit test                                  */
  const char* version;

  /* [any] A new buffer with one reference, holding a copy of the bytes. NULL when memory is out. */
  const lw_buf* (*buf_new)(const char* data, size_t len);
  /* [any] The same without the copy: `free_fn(arg)` runs once, on any thread, when the last reference goes. */
  const lw_buf* (*buf_adopt)(const char* data, size_t len, void (*free_fn)(void*), void* arg);
  /* [any] */
  void (*buf_retain)(const lw_buf*);
  /* [any] NULL is allowed. */
  void (*buf_release)(const lw_buf*);

  /* [any] 1 if a line at this level would be kept. */
  int32_t (*log_enabled)(int32_t level);
  /* [any] `fields_json`: a JSON object, or empty. */
  void (*log)(int32_t level, lw_str component, lw_str message, lw_str fields_json);

  /* [host] Why init() or create() is about to fail. Copied. */
  void (*set_error)(const lw_error*);

  /* [any] A table of optional services by id, such as "leeward.http/1" (leeward/ext/), or NULL where this host has no
   * such service. The table lives as long as the process. */
  const void* (*get_extension)(const char* id);
} lw_host;

typedef struct lw_task_api lw_task_api;

/* One attempt of one task. Behind `api` the host keeps its own part. */
typedef struct lw_task {
  const lw_task_api* api;
} lw_task;

/* What a task can be asked and told. Buffers that come out without "one reference" are borrowed: valid until execute()
 * returns or, if the task is held, until complete(). */
struct lw_task_api {
  uint32_t size;
  uint32_t reserved;

  /* --- what the attempt was given --- */

  /* [any] A fact about the attempt as text: dag_id run_id task_id operator map_index try_number max_tries logical_date
   * idempotency_key run_type data_interval_start data_interval_end latest_window_start latest_window_end. Empty text if
   * the key is unknown, or there is no such fact. run_type: "manual" "scheduled" "backfill". The run is the latest of
   * its DAG while latest_window_start < now <= latest_window_end; without them it always is. */
  lw_str (*info)(lw_task*, lw_str key);
  /* [any] The rendered parameters, one JSON object that satisfies the operator's params_schema. Borrowed. */
  const lw_buf* (*params)(lw_task*);
  /* [any] One member of the parameters, as JSON text. LW_NOT_FOUND if absent. Borrowed. */
  lw_code (*param)(lw_task*, lw_str name, const lw_buf** out);
  /* [any] A value of the run's context by key. Only keys that a parameter marked "x-reference": "context" names can be
   * read: that is how `validate` knows that an ancestor publishes them. LW_NOT_FOUND, LW_DENIED. Borrowed. */
  lw_code (*context)(lw_task*, lw_str key, const lw_buf** out);
  /* [task] A connection's settings as a JSON object, without its secrets: {"id", "type", "base_url", ...}. *out carries
   * one reference for the caller. LW_NOT_FOUND: after set_error(), which says how to configure it. */
  lw_code (*connection)(lw_task*, lw_str id, const lw_buf** out);

  /* --- what it reports while it runs --- */

  /* [any] */
  void (*log)(lw_task*, int32_t level, lw_str message, lw_str fields_json);
  /* [any] `fraction` 0..1, or negative if unknown. Also a heartbeat. Answers LW_CANCELLED once the task should stop. */
  lw_code (*progress)(lw_task*, double fraction, lw_str note);
  /* [task] A piece of streamed output. Channels in use: "text" (a model's tokens), "stdout", "stderr"; a name of at
   * most 128 bytes. The chunk may be any UTF-8 text of at most 1 MiB, never half a character. LW_INVALID: it is not
   * that. LW_AGAIN: not taken, slow down. */
  lw_code (*emit)(lw_task*, lw_str channel, lw_str chunk);

  /* --- how it ends --- */

  /* [task] The return value: one JSON text. Retained by the host, so the caller still owns its reference. The last
   * one set wins. LW_INVALID, after set_error(): it is not JSON, or too large; the attempt then cannot succeed unless
   * another one is set. Without a call the value is null. */
  lw_code (*set_result)(lw_task*, const lw_buf* value);
  /* [task] Chooses, of the tasks directly downstream, those that go on; the others are skipped. n may be 0. */
  lw_code (*branch)(lw_task*, const lw_str* task_ids, size_t n);
  /* [task] Copied. Read when the outcome is LW_SKIP, LW_RETRY, LW_FAIL, LW_RESCHEDULE or LW_CANCELLED. */
  void (*set_error)(lw_task*, const lw_error*);

  /* --- being stopped --- */

  /* [any] 1 once the host wants the task to stop. One atomic load. */
  int32_t (*cancelled)(lw_task*);
  /* [task] `callback(arg)` runs at most once, on a host thread, when the task should stop; at once, on this thread, if
   * it should already. Never after complete() has returned. One callback a task: a second call replaces the first, and
   * NULL removes it; when the call returns, the replaced callback is not running and will not. So on_cancel() and
   * complete() may wait for the callback: hold no lock across them that the callback takes. */
  lw_code (*on_cancel)(lw_task*, void (*callback)(void* arg), void* arg);

  /* --- going on without a thread --- */

  /* [task] Keeps the task alive past execute(), which then returns LW_DEFERRED. Each hold() is paid back by exactly one
   * complete(), from any thread, even before execute() has returned. */
  void (*hold)(lw_task*);
  /* [any] Ends a held task; the caller must not touch `task` afterwards. While execute() or another hold keeps it, a
   * second outcome is ignored and logged: the first counts. LW_DEFERRED is no outcome: it counts as LW_FAIL. */
  void (*complete)(lw_task*, lw_code outcome);
};

#ifdef __cplusplus
}
#endif
#endif
