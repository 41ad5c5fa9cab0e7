/// leeward.text/1 for C++: the host's conditions and templates, with the meaning that they have in a DAG.
#pragma once

#include <string_view>

#include <leeward/cpp/task.hpp>
#include <leeward/ext/text.h>

LW_SDK_BEGIN

namespace detail {
inline const lw_text& text_service() {
  const auto* text = extension<lw_text>(LW_EXT_TEXT);
  if (!text) throw fail("no_extension", "this host offers no conditions and templates (" LW_EXT_TEXT ")");
  return *text;
}
}  // namespace detail

/// [task] Does the condition hold? Throws what the host noted, such as a number compared with a list.
inline bool evaluate(Task task, std::string_view condition_json) {
  std::int32_t holds = 0;
  const lw_code code = detail::text_service().evaluate(task.raw(), lend(condition_json), &holds);
  if (code != LW_OK) throw Error::noted_by_host(LW_FAIL);
  return holds != 0;
}

/// [task] Renders a template over the members of a JSON object; the answer is JSON. Throws what the host noted, which
/// names a variable that is missing.
inline Buf render(Task task, std::string_view template_text, std::string_view variables_json) {
  const lw_buf* rendered = nullptr;
  const lw_code code = detail::text_service().render(task.raw(), lend(template_text), lend(variables_json), &rendered);
  if (code != LW_OK) throw Error::noted_by_host(LW_FAIL);
  return Buf(rendered);
}

LW_SDK_END
