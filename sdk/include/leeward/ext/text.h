/* leeward/ext/text.h - "leeward.text/1": the host's conditions and templates, for operators that take them as data.
 *
 * They mean exactly what they mean in a DAG. Nothing is ever evaluated as code. */
#ifndef LEEWARD_EXT_TEXT_H
#define LEEWARD_EXT_TEXT_H

#include <leeward/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LW_EXT_TEXT "leeward.text/1"

typedef struct lw_text {
  uint32_t size;
  uint32_t reserved;
  /* [task] Decides a condition (JSON, its values already rendered): *holds becomes 0 or 1. LW_INVALID after
   * task->set_error(), e.g. when a number is compared with a list. */
  lw_code (*evaluate)(lw_task*, lw_str condition_json, int32_t* holds);
  /* [task] Renders a template over the members of a JSON object. *out, a JSON text, carries one reference for the
   * caller. LW_INVALID after task->set_error(), which names the missing variable. */
  lw_code (*render)(lw_task*, lw_str template_text, lw_str variables_json, const lw_buf** out);
} lw_text;

#ifdef __cplusplus
}
#endif
#endif
