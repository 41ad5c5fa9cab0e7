#include "core/model/task_outcome.hpp"

#include <utility>

namespace leeward {
namespace {

TaskOutcome with_error(OutcomeKind kind, std::string code, std::string message) {
  TaskOutcome outcome;
  outcome.kind = kind;
  TaskError& error = outcome.error.emplace();
  error.code = std::move(code);
  error.message = std::move(message);
  error.retryable = kind == OutcomeKind::retry;
  return outcome;
}

}  // namespace

TaskOutcome TaskOutcome::succeeded(Value value) {
  TaskOutcome outcome;
  outcome.value = std::move(value);
  return outcome;
}

TaskOutcome TaskOutcome::failed(std::string code, std::string message) {
  return with_error(OutcomeKind::failed, std::move(code), std::move(message));
}

TaskOutcome TaskOutcome::retryable(std::string code, std::string message) {
  return with_error(OutcomeKind::retry, std::move(code), std::move(message));
}

}  // namespace leeward
