/* leeward/plugin.h - what a plugin provides: one exported function that returns constant tables.
 *
 * Read abi.h first (the rules), then this, then host.h. C++ authors include <leeward/cpp/operator.hpp> instead. */
#ifndef LEEWARD_PLUGIN_H
#define LEEWARD_PLUGIN_H

#include <leeward/abi.h>
#include <leeward/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an operator says of itself: lw_operator.flags. */
enum {
  LW_OP_IDEMPOTENT = 1u << 0,   /* may run again after a crash without asking                              */
  LW_OP_AT_MOST_ONCE = 1u << 1, /* must not run again after a crash: the attempt is lost                   */
  LW_OP_PURE = 1u << 2,         /* the output depends on the parameters alone, and nothing else is touched */
  LW_OP_INLINE = 1u << 3,     /* execute() takes microseconds and never waits: it may run on the engine's own thread */
  LW_OP_ASYNC = 1u << 4,      /* execute() may return LW_DEFERRED and holds no thread meanwhile          */
  LW_OP_CONCURRENT = 1u << 5, /* execute() of ONE instance may run on several threads; without it the host makes an
                                 instance for each attempt that runs at the same time                    */
  LW_OP_STREAMS = 1u << 6,    /* uses emit()                                                             */
  LW_OP_BRANCHES = 1u << 7,   /* calls branch(), else the attempt fails                                  */
  LW_OP_CALLABLE = 1u << 8,   /* a function for the `callable` operator, found under its name there; it is not an
                                 operator that a task can name                                           */
  LW_OP_ISOLATE = 1u << 9     /* asks for a process of its own                                           */
};

/* One operator, or one callable. Constant data.
 *
 * Annotations that the host knows in params_schema, beside JSON Schema draft-07:
 *   "x-template": false            the member is passed as written, never rendered
 *   "x-template": ["text", ...]    as written too, but checked as a template over these names
 *   "x-reference": "callable"      the member names a callable       (a mistake is found by `validate`)
 *   "x-reference": "downstream"    ... a task directly downstream, or a list of them
 *   "x-reference": "context"       ... a context key that an ancestor publishes; opens it to lw_task_api.context
 *   "x-reference": "connection"    ... a connection
 *   "x-condition": true            the member is a condition (conditions are data)
 *   "x-secret": true               a member that the DAG's author wrote as "secret://NAME" reaches the operator as that
 *                                  secret's value, if the host's configuration grants it; it is recorded as written,
 *                                  and the value is masked in whatever the operator says
 *   "x-args-of": "callable"        the member holds the arguments of the callable that member `callable` names */
typedef struct lw_operator {
  uint32_t size;
  uint32_t flags;
  const char* name;          /* "text.upper"                                                               */
  const char* version;       /* semver                                                                     */
  const char* doc;           /* Markdown; the first line is the summary                                    */
  const char* params_schema; /* JSON Schema draft-07 of `with`, an object; NULL: any object                */
  const char* output_schema; /* JSON Schema of the result, or NULL                                         */

  /* [host] Makes an instance. `settings_json` is the operator's object in the host's configuration, "{}" without one.
   * Returns LW_OK, or anything else after host->set_error(). */
  lw_code (*create)(const struct lw_operator*, const lw_host*, lw_str settings_json, void** self);
  /* [host] NULL is allowed. */
  void (*destroy)(void* self);
  /* Runs one attempt, on the thread that the flags ask for. `task` is valid until it returns, or until complete(). */
  lw_code (*execute)(void* self, lw_task* task);
  /* [any] NULL is allowed. */
  const void* (*get_extension)(const struct lw_operator*, const char* id);
} lw_operator;

/* One plugin. Constant data. */
typedef struct lw_plugin {
  uint32_t size;
  uint32_t abi_version; /* LW_ABI_VERSION as compiled                                                  */
  uint32_t abi_needs;   /* the lowest host abi_version that this plugin can work with                  */
  uint32_t operator_count;
  uint32_t operator_stride; /* sizeof(lw_operator) as compiled                                             */
  uint32_t reserved;
  const lw_operator* operators;
  const char* name;                /* "text"                                                                      */
  const char* version;             /* semver                                                                      */
  const char* license;             /* SPDX id, or ""                                                              */
  const char* doc;                 /* Markdown, or ""                                                             */
  lw_code (*init)(const lw_host*); /* [host] NULL is allowed; no network, no threads              */
  void (*shutdown)(void);          /* [host] NULL is allowed; stop threads here                   */
  const void* (*get_extension)(const char* id); /* [any] NULL is allowed                                   */
} lw_plugin;

/* [host] The one exported symbol (R1). Returns constant data; must not allocate, throw or do I/O. */
LW_EXPORT const lw_plugin* lw_plugin_entry_v1(void);

#ifdef __cplusplus
}
#endif
#endif
