/* A plugin that brings functions of its own which have the names of the C library's, and exports them: a program that
 * used them would fall over at once. */
#include <stdlib.h>

#include <leeward/plugin.h>

LW_EXPORT char* getenv(const char* name) {
  (void)name;
  abort();
}
LW_EXPORT int open(const char* path, int flags, ...) {
  (void)path;
  (void)flags;
  abort();
}

static lw_code create(const lw_operator* op, const lw_host* host, lw_str settings, void** self) {
  (void)op;
  (void)host;
  (void)settings;
  (void)self;
  return LW_OK;
}
static lw_code execute(void* self, lw_task* task) {
  (void)self;
  (void)task;
  return LW_OK;
}
static const lw_operator kOperators[] = {
    {sizeof(lw_operator), 0, "own.names", "1.0.0", "Does nothing.", NULL, NULL, create, NULL, execute, NULL}};
static const lw_plugin kPlugin = {sizeof(lw_plugin),
                                  LW_ABI_VERSION,
                                  LW_ABI_VERSION,
                                  1,
                                  sizeof(lw_operator),
                                  0,
                                  kOperators,
                                  "own_names",
                                  "1.0.0",
                                  "MIT",
                                  "",
                                  NULL,
                                  NULL,
                                  NULL};
const lw_plugin* lw_plugin_entry_v1(void) { return &kPlugin; }
