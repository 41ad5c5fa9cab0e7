/// leeward.input/1 for C++: asking a person without holding anything meanwhile.
///
///     void execute(Task task) {
///       const auto said = answer(task);
///       if (!said) throw ask(task, R"({"subject": "Publish?", "options": ["Approve", "Reject"]})");
///       task.result_json(std::string(*said));
///     }
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <leeward/cpp/task.hpp>
#include <leeward/ext/input.h>

LW_SDK_BEGIN

namespace detail {
inline const lw_input& input_service() {
  const auto* input = extension<lw_input>(LW_EXT_INPUT);
  if (!input) throw fail("no_extension", "this host cannot ask anybody (" LW_EXT_INPUT ")");
  return *input;
}
}  // namespace detail

/// [task] Puts the question; the caller throws what comes back, which ends this attempt until there is an answer. The
/// request is the object that ext/input.h describes; one that is none fails the task with the host's message.
[[nodiscard]] inline Error ask(Task task, std::string_view request_json) {
  if (detail::input_service().ask(task.raw(), lend(request_json)) != LW_OK) return Error::noted_by_host(LW_FAIL);
  return {LW_RESCHEDULE, "awaiting_input", "somebody has been asked"};
}

/// What was answered, a JSON object, borrowed for as long as the task lives; nothing if this try has asked nobody yet.
/// Any thread.
inline std::optional<std::string_view> answer(Task task) {
  const lw_buf* said = nullptr;
  const lw_code code = detail::input_service().answer(task.raw(), &said);
  if (code == LW_NOT_FOUND) return std::nullopt;
  if (code != LW_OK) throw fail("host_error", "the host answered code " + std::to_string(code) + " for an answer");
  return view(said);
}

LW_SDK_END
