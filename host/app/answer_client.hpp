#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"

namespace leeward {

/// Asks the AnswerService of every process that runs under this home. One that does not reply, since it is stopped,
/// keeps nobody from asking and answering the others. What killed processes have left there is taken away.

/// What there is to answer.
struct OpenQuestions {
  std::vector<Value> questions;  ///< each an object as AnswerService lists it, the longest waiting first
  Errors warnings;               ///< processes that could not be asked, and what to do about each
};
[[nodiscard]] OpenQuestions questions_of(const std::filesystem::path& home);

struct GivenAnswer {
  std::string run_id;
  std::string task_id;
  int map_index = -1;
  Value said;                     ///< as InputRequest::accept takes it
  std::optional<std::string> as;  ///< nothing: the login name of whoever runs this process
};
/// {"run_id", "task_id", "map_index", "responded_by"} once it is recorded. Codes: those of RunEngine::answer, and
/// input.unknown_run, input.no_reply. `warnings`: as above.
[[nodiscard]] Result<Value> give_answer(const std::filesystem::path& home, const GivenAnswer& answer, Errors& warnings);

/// Cancels a run in the process that has it. Done once that is recorded. Codes input.unknown_run: no process that
/// replies has it; input.no_reply.
[[nodiscard]] Status cancel_in_process(const std::filesystem::path& home, const std::string& run_id);

}  // namespace leeward
