/* A plugin in plain C whose faults are chosen when it is compiled:
 *   SAMPLE_NAME       the plugin's name, and "<name>.echo" its operator
 *   SAMPLE_NEEDS      abi_needs           SAMPLE_ABI    abi_version
 *   SAMPLE_STRIDE     operator_stride     SAMPLE_SCHEMA params_schema
 *   SAMPLE_OPERATOR   the operator's name SAMPLE_INIT   what init() returns
 *   SAMPLE_NULL       the entry point returns nothing
 *   SAMPLE_AT_LOAD    what a constructor of the library does, before anybody has asked it anything
 *   SAMPLE_UNDEFINED  create() calls a function that nobody has */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <leeward/plugin.h>

#ifndef SAMPLE_NAME
#define SAMPLE_NAME "sample"
#endif
#ifndef SAMPLE_NEEDS
#define SAMPLE_NEEDS LW_ABI_VERSION
#endif
#ifndef SAMPLE_ABI
#define SAMPLE_ABI LW_ABI_VERSION
#endif
#ifndef SAMPLE_STRIDE
#define SAMPLE_STRIDE sizeof(lw_operator)
#endif
#ifndef SAMPLE_SCHEMA
#define SAMPLE_SCHEMA "{\"type\": \"object\"}"
#endif
#ifndef SAMPLE_OPERATOR
#define SAMPLE_OPERATOR SAMPLE_NAME ".echo"
#endif
#ifndef SAMPLE_INIT
#define SAMPLE_INIT LW_OK
#endif

#ifdef SAMPLE_AT_LOAD
__attribute__((constructor)) static void at_load(void) { SAMPLE_AT_LOAD; }
#endif
#ifdef SAMPLE_UNDEFINED
void a_function_that_nobody_has(void);
#endif

static const lw_host* host_;

static lw_str text(const char* s) {
  lw_str t;
  t.ptr = s;
  t.len = strlen(s);
  return t;
}

static lw_code create(const lw_operator* op, const lw_host* host, lw_str settings, void** self) {
  (void)op;
  (void)settings;
  (void)self;
  host_ = host;
#ifdef SAMPLE_UNDEFINED
  a_function_that_nobody_has();
#endif
  return LW_OK;
}

static lw_code echo(void* self, lw_task* task) {
  (void)self;
  return task->api->set_result(task, task->api->params(task));
}

static lw_code init(const lw_host* host) {
  lw_code code = SAMPLE_INIT;
  lw_error error;
  memset(&error, 0, sizeof error);
  error.size = sizeof error;
  error.message = text("the licence has run out");
  if (code != LW_OK) host->set_error(&error);
  return code;
}

static const lw_operator kOperators[] = {{sizeof(lw_operator), LW_OP_PURE | LW_OP_INLINE | LW_OP_CONCURRENT,
                                          SAMPLE_OPERATOR, "1.2.3", "Gives back its parameters.\n\nNothing else.",
                                          SAMPLE_SCHEMA, NULL, create, NULL, echo, NULL}};

static const lw_plugin kPlugin = {sizeof(lw_plugin),
                                  SAMPLE_ABI,
                                  SAMPLE_NEEDS,
                                  1,
                                  (uint32_t)(SAMPLE_STRIDE),
                                  0,
                                  kOperators,
                                  SAMPLE_NAME,
                                  "1.2.3",
                                  "MIT",
                                  "A sample.",
                                  init,
                                  NULL,
                                  NULL};

const lw_plugin* lw_plugin_entry_v1(void) {
#ifdef SAMPLE_NULL
  (void)kPlugin;
  return NULL;
#else
  return &kPlugin;
#endif
}
