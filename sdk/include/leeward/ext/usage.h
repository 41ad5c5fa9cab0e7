/* leeward/ext/usage.h - "leeward.usage/1": what a task asked of a model, and what it cost. */
#ifndef LEEWARD_EXT_USAGE_H
#define LEEWARD_EXT_USAGE_H

#include <leeward/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LW_EXT_USAGE "leeward.usage/1"

/* One request that went out to a model, answered or not. */
typedef struct lw_model_call {
  uint32_t size;
  int32_t http_status;   /* 0: no answer                                                                 */
  int64_t input_tokens;  /* -1: not told                                                                 */
  int64_t output_tokens; /* -1: not told                                                                 */
  int64_t duration_ms;
  lw_str provider;       /* the connection's type: "openai"                                              */
  lw_str model;          /* as asked for                                                                 */
  lw_str response_model; /* as the answer names it, or empty                                             */
  lw_str error_type;     /* empty: this call gave the answer. Else "llm.server_error", ...               */
} lw_model_call;

typedef struct lw_usage {
  uint32_t size;
  uint32_t reserved;
  /* [task] Copied; in the order of the calls it becomes the `usage` of the task in the run's report. */
  lw_code (*add_model_call)(lw_task*, const lw_model_call*);
} lw_usage;

#ifdef __cplusplus
}
#endif
#endif
