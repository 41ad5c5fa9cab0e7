#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace llm {

/// Decides, after each failed request, what the attempt does next: ask the same model again after a wait, ask the next
/// model of the list, or give up. Pure: no clock, no request; time comes in as what has gone by.
///
/// The rules. Retries come first, models second. The whole chain has one deadline, and a request may take at most an
/// equal share of what is left for the models still in line, so that one that hangs leaves time for the rest. Nothing
/// is asked again once text was streamed out. A mistake in the request or the key ends the chain: see may_fall_back().
class FallbackPlan {
 public:
  struct Options {
    std::size_t models = 1;
    int max_retries = 2;  ///< further requests to each model
    std::int64_t deadline_ms = 600'000;
    std::int64_t retry_after_cap_ms = 120'000;
  };

  struct Failure {
    bool retryable = false;
    bool may_fall_back = false;
    bool content_emitted = false;
    std::optional<std::int64_t> server_wait_ms;  ///< Retry-After
    std::int64_t backoff_ms = 0;                 ///< where the server asked for nothing
  };

  enum class Action { ask, give_up };
  struct Step {
    Action action = Action::ask;
    std::size_t model = 0;
    int retry = 0;              ///< of this model, 0: the first request
    std::int64_t wait_ms = 0;   ///< before asking
    std::int64_t limit_ms = 0;  ///< what the request may take
  };

  explicit FallbackPlan(const Options& options) : options_(options) {}

  [[nodiscard]] Step start() const { return ask(0, 0, 0, 0); }
  /// After the request of the last step failed, `elapsed_ms` after start().
  [[nodiscard]] Step after(const Step& last, const Failure& failure, std::int64_t elapsed_ms) const;

 private:
  [[nodiscard]] Step ask(std::size_t model, int retry, std::int64_t wait_ms, std::int64_t elapsed_ms) const;

  Options options_;
};

}  // namespace llm
