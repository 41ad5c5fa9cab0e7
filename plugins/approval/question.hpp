#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <leeward/cpp/task.hpp>

namespace approval {

using Texts = std::vector<std::string>;

/// What is to be done about a rejection.
enum class OnReject { skip, fail };

/// What the task asks, and what follows from the answer.
struct Question {
  std::string subject;
  std::string body;
  Texts options{"Approve", "Reject"};
  std::optional<Texts> defaults;  ///< nothing: when the time is over, the task fails
  Texts respondents;
  bool multiple = false;
  std::string form_json = "{}";
  std::optional<std::int64_t> timeout_ms;

  Texts reject_options{"Reject"};
  OnReject on_reject = OnReject::skip;
  bool ignore_downstream_trigger_rules = false;
  std::optional<std::map<std::string, Texts>> options_mapping;  ///< option -> ids of tasks directly downstream

  /// Throws leeward::sdk::Error, type approval.bad_question, if the parts do not fit each other.
  static Question of(leeward::sdk::Task task);
  /// As leeward.input/1 wants it.
  [[nodiscard]] std::string request_json() const;

  /// Whether one of the chosen options is a rejection.
  [[nodiscard]] bool is_rejected_by(const Texts& chosen) const;
  /// The tasks that go on, each once, in the order of the choice. An option that is not mapped is itself an id, as in
  /// Airflow, unless it is a rejection: then it is none.
  [[nodiscard]] Texts branch_of(const Texts& chosen) const;
};

}  // namespace approval
