#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"

namespace leeward {

/// What a task asks a person while it is `awaiting_input`. Airflow's human-in-the-loop words.
struct InputRequest {
  std::string subject;
  std::string body;
  std::vector<std::string> options;
  std::vector<std::string> defaults;     ///< chosen when the time is over; of `options`
  std::vector<std::string> respondents;  ///< who may answer; empty: anybody
  bool multiple = false;                 ///< more than one option may be chosen
  Value form{std::string{"{}"}};         ///< an object: name -> default; what may be filled in beside the choice
  std::optional<Duration> timeout;       ///< nothing: waits for ever

  /// From the JSON that an operator asks with; unknown members are refused. Code input.request.
  [[nodiscard]] static Result<InputRequest> parse(const Value& json);
  [[nodiscard]] Value json() const;

  /// What the operator is given for what a person said, {"chosen_options": [...], "params_input": {...},
  /// "responded_by": "...", "timed_out": false}.
  ///
  /// A field that was filled in has the JSON type of its default; where that is null, any. A number, true or false for
  /// a field of text becomes the text that it was written as: who types 12 into a note means the note.
  /// Codes input.answer (no such option, too many, no such field, not its type), input.forbidden (may not answer).
  [[nodiscard]] Result<Value> accept(const Value& said, const std::string& user) const;
  /// The same when nobody answered in time: the defaults.
  [[nodiscard]] Value timed_out() const;
};

}  // namespace leeward
