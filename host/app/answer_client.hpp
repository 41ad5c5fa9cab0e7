#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"

namespace leeward {

/// Asks the AnswerService of every process that runs under this home.

/// What there is to answer: each an object as AnswerService lists it, the longest waiting first.
[[nodiscard]] Result<std::vector<Value>> questions_of(const std::filesystem::path& home);

struct GivenAnswer {
  std::string run_id;
  std::string task_id;
  int map_index = -1;
  Value said;                     ///< as InputRequest::accept takes it
  std::optional<std::string> as;  ///< nothing: the login name of whoever runs this process
};
/// {"run_id", "task_id", "map_index", "responded_by"} once it is recorded. Codes: those of RunEngine::answer, and
/// input.unknown_run, input.no_reply.
[[nodiscard]] Result<Value> give_answer(const std::filesystem::path& home, const GivenAnswer& answer);

}  // namespace leeward
