#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/mock/mock_request.hpp"
#include "host/mock/mock_script.hpp"

namespace leeward {

/// One answer, ready to be written in OpenAI's form: plain or as events.
struct MockCompletion {
  std::string id;  ///< "chatcmpl-mock-17"
  std::int64_t created = 0;
  std::string model;
  std::string text;
  std::string refusal;
  std::string finish_reason;  ///< empty: null
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
};

/// What `reply` answers to `request`: its text or one made from the prompt, cut at max_tokens, with its tokens counted.
[[nodiscard]] MockCompletion complete(const MockRequest& request, const MockReply& reply, std::uint64_t number,
                                      std::int64_t now_epoch_s);

/// The body of a plain answer.
[[nodiscard]] std::string completion_json(const MockCompletion& completion, bool tells_usage);

/// The events of a streamed answer, each whole with its blank line: the first with the role, then text, then the
/// finish_reason, usage and [DONE], or an error, or nothing, as the reply says. `text_begins` is the place of the first
/// text.
struct MockEvents {
  std::vector<std::string> events;
  std::size_t text_begins = 1;
  std::size_t text_ends = 1;  ///< the place behind the last text
};
[[nodiscard]] MockEvents completion_events(const MockCompletion& completion, const MockRequest& request,
                                           const MockReply& reply);

[[nodiscard]] std::string model_json(std::string_view model);
[[nodiscard]] std::string model_list_json(const std::vector<std::string>& models);

}  // namespace leeward
