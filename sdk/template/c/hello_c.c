/* The plugin `hello_c`: an operator in plain C99. `hello_c.pick` returns one of its parameters, as it is. */
#include <string.h>

#include <leeward/plugin.h>

static const lw_host* the_host; /* valid for ever once init() was called */

static lw_str text(const char* literal) {
  lw_str borrowed;
  borrowed.ptr = literal;
  borrowed.len = strlen(literal);
  return borrowed;
}

static lw_code fail(lw_task* task, const char* type, const char* message) {
  lw_error error;
  memset(&error, 0, sizeof error);
  error.size = sizeof error;
  error.retry_after_ms = -1;
  error.type = text(type);
  error.message = text(message);
  task->api->set_error(task, &error);
  return LW_FAIL;
}

static lw_code create(const lw_operator* self_description, const lw_host* host, lw_str settings_json, void** self) {
  (void)self_description, (void)host, (void)settings_json;
  *self = NULL; /* no state, so one instance serves all threads: LW_OP_CONCURRENT */
  return LW_OK;
}

static lw_code execute(void* self, lw_task* task) {
  const lw_buf* value = NULL; /* borrowed: the host keeps it for as long as the task lives */
  (void)self;
  if (task->api->param(task, text("value"), &value) != LW_OK)
    return fail(task, "hello_c.no_value", "parameter 'value' is missing");
  return task->api->set_result(task, value) == LW_OK ? LW_OK
                                                     : fail(task, "hello_c.refused", "the host refused the result");
}

static lw_code init(const lw_host* host) {
  the_host = host;
  the_host->log(LW_LOG_DEBUG, text("hello_c"), text("loaded"), text(""));
  return LW_OK;
}

static const lw_operator operators[] = {{sizeof(lw_operator), LW_OP_PURE | LW_OP_IDEMPOTENT | LW_OP_CONCURRENT,
                                         "hello_c.pick", "1.0.0", "Returns `value`, whatever it is.",
                                         "{\"type\": \"object\", \"required\": [\"value\"]}", NULL, create, NULL,
                                         execute, NULL}};

static const lw_plugin plugin = {sizeof(lw_plugin),
                                 LW_ABI_VERSION,
                                 LW_ABI_MAJOR << 16,
                                 sizeof operators / sizeof operators[0],
                                 sizeof(lw_operator),
                                 0,
                                 operators,
                                 "hello_c",
                                 "1.0.0",
                                 "MIT",
                                 "An operator in plain C.",
                                 init,
                                 NULL,
                                 NULL};

const lw_plugin* lw_plugin_entry_v1(void) { return &plugin; }
