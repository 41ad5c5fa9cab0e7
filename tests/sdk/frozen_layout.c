/* The layout of version 1, for ever: every offset, size, value and signature that a built plugin relies on.
 *
 * If a line here fails, the change breaks every plugin in the world: append to the struct instead, or make an
 * extension. A line is only ever added, for a field or value that was appended. Sizes of structs that may grow are
 * lower bounds. */
#include <leeward/abi.h>
#include <leeward/ext/call.h>
#include <leeward/ext/flow.h>
#include <leeward/ext/http.h>
#include <leeward/ext/input.h>
#include <leeward/ext/run.h>
#include <leeward/ext/text.h>
#include <leeward/ext/timer.h>
#include <leeward/ext/usage.h>
#include <leeward/ext/wait.h>
#include <leeward/host.h>
#include <leeward/plugin.h>

#define SIZE(T, bytes) _Static_assert(sizeof(T) == (bytes), "the size of " #T " moved")
#define AT_LEAST(T, bytes) _Static_assert(sizeof(T) >= (bytes), #T " became smaller")
#define FIELD(T, field, offset, type)                                     \
  _Static_assert(offsetof(T, field) == (offset), #T "." #field " moved"); \
  _Static_assert(_Generic(((T*)0)->field, type : 1, default : 0) == 1, #T "." #field " changed its type")
/* An appended field moves the name here; one before it is padding at the end, or a field in the middle. */
#define LAST(T, field) _Static_assert(LW_SIZE_UP_TO(T, field) == sizeof(T), #T " does not end with " #field)
#define VALUE(name, number) _Static_assert((name) == (number), #name " changed its value")

#if UINTPTR_MAX == 0xFFFFFFFFFFFFFFFFu /* offsets as on every 64-bit platform */

/* ---- abi.h ---- */

VALUE(LW_ABI_MAJOR, 1);

VALUE(LW_OK, 0);
VALUE(LW_DEFERRED, 1);
VALUE(LW_SKIP, 2);
VALUE(LW_RETRY, 3);
VALUE(LW_FAIL, 4);
VALUE(LW_RESCHEDULE, 5);
VALUE(LW_CANCELLED, 6);
VALUE(LW_NOT_FOUND, 16);
VALUE(LW_AGAIN, 17);
VALUE(LW_DENIED, 18);
VALUE(LW_INVALID, 19);
VALUE(LW_LOG_TRACE, 0);
VALUE(LW_LOG_DEBUG, 1);
VALUE(LW_LOG_INFO, 2);
VALUE(LW_LOG_WARN, 3);
VALUE(LW_LOG_ERROR, 4);

SIZE(lw_str, 16);
FIELD(lw_str, ptr, 0, const char*);
FIELD(lw_str, len, 8, size_t);

SIZE(lw_buf, 16);
FIELD(lw_buf, data, 0, const char*);
FIELD(lw_buf, size, 8, size_t);

AT_LEAST(lw_error, 64);
LAST(lw_error, details_json);
FIELD(lw_error, size, 0, uint32_t);
FIELD(lw_error, http_status, 4, int32_t);
FIELD(lw_error, retry_after_ms, 8, int64_t);
FIELD(lw_error, type, 16, lw_str);
FIELD(lw_error, message, 32, lw_str);
FIELD(lw_error, details_json, 48, lw_str);

/* ---- host.h ---- */

AT_LEAST(lw_host, 88);
LAST(lw_host, get_extension);
FIELD(lw_host, size, 0, uint32_t);
FIELD(lw_host, abi_version, 4, uint32_t);
FIELD(lw_host, name, 8, const char*);
FIELD(lw_host, version, 16, const char*);
FIELD(lw_host, buf_new, 24, const lw_buf* (*)(const char* data, size_t len));
FIELD(lw_host, buf_adopt, 32, const lw_buf* (*)(const char* data, size_t len, void (*free_fn)(void*), void* arg));
FIELD(lw_host, buf_retain, 40, void (*)(const lw_buf*));
FIELD(lw_host, buf_release, 48, void (*)(const lw_buf*));
FIELD(lw_host, log_enabled, 56, int32_t (*)(int32_t level));
FIELD(lw_host, log, 64, void (*)(int32_t level, lw_str component, lw_str message, lw_str fields_json));
FIELD(lw_host, set_error, 72, void (*)(const lw_error*));
FIELD(lw_host, get_extension, 80, const void* (*)(const char* id));

SIZE(lw_task, 8);
FIELD(lw_task, api, 0, const lw_task_api*);

AT_LEAST(lw_task_api, 128);
LAST(lw_task_api, complete);
FIELD(lw_task_api, size, 0, uint32_t);
FIELD(lw_task_api, reserved, 4, uint32_t);
FIELD(lw_task_api, info, 8, lw_str (*)(lw_task*, lw_str key));
FIELD(lw_task_api, params, 16, const lw_buf* (*)(lw_task*));
FIELD(lw_task_api, param, 24, lw_code (*)(lw_task*, lw_str name, const lw_buf** out));
FIELD(lw_task_api, context, 32, lw_code (*)(lw_task*, lw_str key, const lw_buf** out));
FIELD(lw_task_api, connection, 40, lw_code (*)(lw_task*, lw_str id, const lw_buf** out));
FIELD(lw_task_api, log, 48, void (*)(lw_task*, int32_t level, lw_str message, lw_str fields_json));
FIELD(lw_task_api, progress, 56, lw_code (*)(lw_task*, double fraction, lw_str note));
FIELD(lw_task_api, emit, 64, lw_code (*)(lw_task*, lw_str channel, lw_str chunk));
FIELD(lw_task_api, set_result, 72, lw_code (*)(lw_task*, const lw_buf* value));
FIELD(lw_task_api, branch, 80, lw_code (*)(lw_task*, const lw_str* task_ids, size_t n));
FIELD(lw_task_api, set_error, 88, void (*)(lw_task*, const lw_error*));
FIELD(lw_task_api, cancelled, 96, int32_t (*)(lw_task*));
FIELD(lw_task_api, on_cancel, 104, lw_code (*)(lw_task*, void (*callback)(void* arg), void* arg));
FIELD(lw_task_api, hold, 112, void (*)(lw_task*));
FIELD(lw_task_api, complete, 120, void (*)(lw_task*, lw_code outcome));

/* ---- plugin.h ---- */

VALUE(LW_OP_IDEMPOTENT, 1);
VALUE(LW_OP_AT_MOST_ONCE, 2);
VALUE(LW_OP_PURE, 4);
VALUE(LW_OP_INLINE, 8);
VALUE(LW_OP_ASYNC, 16);
VALUE(LW_OP_CONCURRENT, 32);
VALUE(LW_OP_STREAMS, 64);
VALUE(LW_OP_BRANCHES, 128);
VALUE(LW_OP_CALLABLE, 256);
VALUE(LW_OP_ISOLATE, 512);

AT_LEAST(lw_operator, 80);
LAST(lw_operator, get_extension);
FIELD(lw_operator, size, 0, uint32_t);
FIELD(lw_operator, flags, 4, uint32_t);
FIELD(lw_operator, name, 8, const char*);
FIELD(lw_operator, version, 16, const char*);
FIELD(lw_operator, doc, 24, const char*);
FIELD(lw_operator, params_schema, 32, const char*);
FIELD(lw_operator, output_schema, 40, const char*);
FIELD(lw_operator, create, 48,
      lw_code (*)(const struct lw_operator*, const lw_host*, lw_str settings_json, void** self));
FIELD(lw_operator, destroy, 56, void (*)(void* self));
FIELD(lw_operator, execute, 64, lw_code (*)(void* self, lw_task* task));
FIELD(lw_operator, get_extension, 72, const void* (*)(const struct lw_operator*, const char* id));

AT_LEAST(lw_plugin, 88);
LAST(lw_plugin, get_extension);
FIELD(lw_plugin, size, 0, uint32_t);
FIELD(lw_plugin, abi_version, 4, uint32_t);
FIELD(lw_plugin, abi_needs, 8, uint32_t);
FIELD(lw_plugin, operator_count, 12, uint32_t);
FIELD(lw_plugin, operator_stride, 16, uint32_t);
FIELD(lw_plugin, reserved, 20, uint32_t);
FIELD(lw_plugin, operators, 24, const lw_operator*);
FIELD(lw_plugin, name, 32, const char*);
FIELD(lw_plugin, version, 40, const char*);
FIELD(lw_plugin, license, 48, const char*);
FIELD(lw_plugin, doc, 56, const char*);
FIELD(lw_plugin, init, 64, lw_code (*)(const lw_host*));
FIELD(lw_plugin, shutdown, 72, void (*)(void));
FIELD(lw_plugin, get_extension, 80, const void* (*)(const char* id));

/* ---- ext/call.h ---- */

VALUE(LW_CALL_OPERATOR, 0);
VALUE(LW_CALL_CALLABLE, 1);

AT_LEAST(lw_call_request, 40);
LAST(lw_call_request, params_json);
FIELD(lw_call_request, size, 0, uint32_t);
FIELD(lw_call_request, kind, 4, uint32_t);
FIELD(lw_call_request, name, 8, lw_str);
FIELD(lw_call_request, params_json, 24, lw_str);

AT_LEAST(lw_call_result, 40);
LAST(lw_call_result, branch_count);
FIELD(lw_call_result, size, 0, uint32_t);
FIELD(lw_call_result, outcome, 4, lw_code);
FIELD(lw_call_result, value, 8, const lw_buf*);
FIELD(lw_call_result, error, 16, const lw_error*);
FIELD(lw_call_result, branch_ids, 24, const lw_str*);
FIELD(lw_call_result, branch_count, 32, size_t);

AT_LEAST(lw_call, 16);
LAST(lw_call, invoke);
FIELD(lw_call, size, 0, uint32_t);
FIELD(lw_call, reserved, 4, uint32_t);
FIELD(lw_call, invoke, 8,
      lw_code (*)(lw_task*, const lw_call_request*, void (*on_done)(void* arg, const lw_call_result*), void* arg));

/* ---- ext/flow.h ---- */

VALUE(LW_DOWNSTREAM_NONE, 0);
VALUE(LW_DOWNSTREAM_DIRECT, 1);
VALUE(LW_DOWNSTREAM_ALL, 2);

AT_LEAST(lw_flow, 16);
LAST(lw_flow, skip_downstream);
FIELD(lw_flow, size, 0, uint32_t);
FIELD(lw_flow, reserved, 4, uint32_t);
FIELD(lw_flow, skip_downstream, 8, lw_code (*)(lw_task*, int32_t which));

/* ---- ext/http.h ---- */

AT_LEAST(lw_http_request, 112);
LAST(lw_http_request, flags);
FIELD(lw_http_request, size, 0, uint32_t);
FIELD(lw_http_request, connect_timeout_ms, 4, uint32_t);
FIELD(lw_http_request, first_byte_timeout_ms, 8, uint32_t);
FIELD(lw_http_request, idle_timeout_ms, 12, uint32_t);
FIELD(lw_http_request, total_timeout_ms, 16, uint32_t);
FIELD(lw_http_request, reserved, 20, uint32_t);
FIELD(lw_http_request, max_body_bytes, 24, uint64_t);
FIELD(lw_http_request, method, 32, lw_str);
FIELD(lw_http_request, connection_id, 48, lw_str);
FIELD(lw_http_request, url, 64, lw_str);
FIELD(lw_http_request, headers_json, 80, lw_str);
FIELD(lw_http_request, body, 96, lw_str);
FIELD(lw_http_request, flags, 112, uint64_t);
VALUE(LW_HTTP_PAID, 1);
VALUE(LW_HTTP_IDEMPOTENCY_KEY, 2);

AT_LEAST(lw_http_response, 48);
LAST(lw_http_response, error);
FIELD(lw_http_response, size, 0, uint32_t);
FIELD(lw_http_response, status, 4, int32_t);
FIELD(lw_http_response, headers_json, 8, lw_str);
FIELD(lw_http_response, body, 24, lw_str);
FIELD(lw_http_response, error, 40, const lw_error*);

AT_LEAST(lw_http_callbacks, 32);
LAST(lw_http_callbacks, arg);
FIELD(lw_http_callbacks, size, 0, uint32_t);
FIELD(lw_http_callbacks, reserved, 4, uint32_t);
FIELD(lw_http_callbacks, on_chunk, 8, void (*)(void* arg, lw_str piece));
FIELD(lw_http_callbacks, on_done, 16, void (*)(void* arg, const lw_http_response*));
FIELD(lw_http_callbacks, arg, 24, void*);

AT_LEAST(lw_http, 16);
LAST(lw_http, send);
FIELD(lw_http, size, 0, uint32_t);
FIELD(lw_http, reserved, 4, uint32_t);
FIELD(lw_http, send, 8, lw_code (*)(lw_task*, const lw_http_request*, const lw_http_callbacks*));

/* ---- ext/input.h ---- */

AT_LEAST(lw_input, 24);
LAST(lw_input, answer);
FIELD(lw_input, size, 0, uint32_t);
FIELD(lw_input, reserved, 4, uint32_t);
FIELD(lw_input, ask, 8, lw_code (*)(lw_task*, lw_str request_json));
FIELD(lw_input, answer, 16, lw_code (*)(lw_task*, const lw_buf** out));
/* ---- ext/run.h ---- */

AT_LEAST(lw_run_result, 32);
LAST(lw_run_result, error);
FIELD(lw_run_result, size, 0, uint32_t);
FIELD(lw_run_result, outcome, 4, lw_code);
FIELD(lw_run_result, result_json, 8, lw_str);
FIELD(lw_run_result, error, 24, const lw_error*);

AT_LEAST(lw_run, 24);
LAST(lw_run, task_states);
FIELD(lw_run, size, 0, uint32_t);
FIELD(lw_run, reserved, 4, uint32_t);
FIELD(lw_run, trigger, 8,
      lw_code (*)(lw_task*, lw_str request_json, void (*on_done)(void* arg, const lw_run_result*), void* arg));
FIELD(lw_run, task_states, 16, lw_code (*)(lw_task*, lw_str query_json, const lw_buf** out));

/* ---- ext/text.h ---- */

AT_LEAST(lw_text, 24);
LAST(lw_text, render);
FIELD(lw_text, size, 0, uint32_t);
FIELD(lw_text, reserved, 4, uint32_t);
FIELD(lw_text, evaluate, 8, lw_code (*)(lw_task*, lw_str condition_json, int32_t* holds));
FIELD(lw_text, render, 16, lw_code (*)(lw_task*, lw_str template_text, lw_str variables_json, const lw_buf** out));

/* ---- ext/timer.h ---- */

AT_LEAST(lw_timer, 16);
LAST(lw_timer, after);
FIELD(lw_timer, size, 0, uint32_t);
FIELD(lw_timer, reserved, 4, uint32_t);
FIELD(lw_timer, after, 8, lw_code (*)(lw_task*, uint64_t delay_ms, void (*callback)(void* arg, lw_code), void* arg));

/* ---- ext/usage.h ---- */

AT_LEAST(lw_model_call, 96);
LAST(lw_model_call, error_type);
FIELD(lw_model_call, size, 0, uint32_t);
FIELD(lw_model_call, http_status, 4, int32_t);
FIELD(lw_model_call, input_tokens, 8, int64_t);
FIELD(lw_model_call, output_tokens, 16, int64_t);
FIELD(lw_model_call, duration_ms, 24, int64_t);
FIELD(lw_model_call, provider, 32, lw_str);
FIELD(lw_model_call, model, 48, lw_str);
FIELD(lw_model_call, response_model, 64, lw_str);
FIELD(lw_model_call, error_type, 80, lw_str);

AT_LEAST(lw_usage, 16);
LAST(lw_usage, add_model_call);
FIELD(lw_usage, size, 0, uint32_t);
FIELD(lw_usage, reserved, 4, uint32_t);
FIELD(lw_usage, add_model_call, 8, lw_code (*)(lw_task*, const lw_model_call*));

/* ---- ext/wait.h ---- */

AT_LEAST(lw_wait, 24);
LAST(lw_wait, reschedules);
FIELD(lw_wait, size, 0, uint32_t);
FIELD(lw_wait, reserved, 4, uint32_t);
FIELD(lw_wait, waited_ms, 8, int64_t (*)(lw_task*));
FIELD(lw_wait, reschedules, 16, int64_t (*)(lw_task*));

#endif

_Static_assert(sizeof(lw_code) == 4, "outcomes travel as int32_t");
_Static_assert(_Generic(&lw_plugin_entry_v1, const lw_plugin* (*)(void) : 1, default : 0) == 1, "the entry changed");
