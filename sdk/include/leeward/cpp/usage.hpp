/// leeward.usage/1 for C++: what a task asked of a model, for the run's report.
#pragma once

#include <cstdint>
#include <string_view>

#include <leeward/cpp/task.hpp>
#include <leeward/ext/usage.h>

LW_SDK_BEGIN

/// One request that went out to a model, answered or not. Text is borrowed for the length of the call.
struct LW_SDK_TYPE ModelCall {
  std::string_view provider;        // the connection's type: "openai"
  std::string_view model;           // as asked for
  std::string_view response_model;  // as the answer names it, or empty
  std::string_view error_type;      // empty: this call gave the answer
  int http_status = 0;              // 0: no answer
  std::int64_t input_tokens = -1;   // -1: not told
  std::int64_t output_tokens = -1;  // -1: not told
  std::int64_t duration_ms = 0;
};

/// [task] Adds one call to the task's usage. A host that keeps no usage is no error.
inline void add_model_call(Task task, const ModelCall& made) noexcept {
  const auto* usage = extension<lw_usage>(LW_EXT_USAGE);
  if (!usage) return;
  lw_model_call raw{};
  raw.size = sizeof raw;
  raw.http_status = made.http_status;
  raw.input_tokens = made.input_tokens;
  raw.output_tokens = made.output_tokens;
  raw.duration_ms = made.duration_ms;
  raw.provider = lend(made.provider);
  raw.model = lend(made.model);
  raw.response_model = lend(made.response_model);
  raw.error_type = lend(made.error_type);
  usage->add_model_call(task.raw(), &raw);
}

LW_SDK_END
