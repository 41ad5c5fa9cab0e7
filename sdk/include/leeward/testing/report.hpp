/// Result: all that a host would have seen of one attempt.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <leeward/cpp/error.hpp>

namespace leeward::testing {

struct SeenError {
  std::string type;
  std::string message;
  std::string details_json;
  int http_status = 0;
  std::int64_t retry_after_ms = -1;

  static SeenError of(const lw_error& raw) {
    return {std::string(sdk::view(raw.type)), std::string(sdk::view(raw.message)),
            std::string(sdk::view(raw.details_json)), raw.http_status, raw.retry_after_ms};
  }
  /// As the interface passes it; borrows from this object.
  lw_error raw() const {
    return {sizeof(lw_error), http_status,        retry_after_ms,
            sdk::lend(type),  sdk::lend(message), sdk::lend(details_json)};
  }
};

struct SeenLog {
  int level = 0;
  std::string message;
  std::string fields_json;
};

struct SeenPiece {
  std::string channel;
  std::string text;
};

struct SeenProgress {
  double fraction = 0;
  std::string note;
};

struct SeenModelCall {
  std::string provider, model, response_model, error_type;
  int http_status = 0;
  std::int64_t input_tokens = -1;
  std::int64_t output_tokens = -1;
  std::int64_t duration_ms = 0;
};

struct Result {
  lw_code code = LW_FAIL;
  std::string result = "null";  // JSON text
  SeenError error;
  bool deferred = false;  // execute() answered LW_DEFERRED
  bool branched = false;
  std::vector<std::string> branch;  // the chosen ids
  int skipped_downstream = 0;       // of a success: LW_DOWNSTREAM_DIRECT, LW_DOWNSTREAM_ALL
  std::string asked;                // the request of a task that awaits input; it ended with LW_RESCHEDULE
  std::vector<SeenPiece> emitted;
  std::vector<SeenLog> logs;
  std::vector<SeenProgress> progress;
  std::vector<SeenModelCall> usage;
  std::int64_t virtual_ms = 0;  // how far the clock had to go
  /// What the operator did that a host would not forgive, or would have to clean up after: buffers it leaked, a task
  /// completed twice, a result that is not JSON, output after the end. A test should require that this is empty.
  std::vector<std::string> problems;

  /// All pieces of one channel, joined.
  std::string text(std::string_view channel = "text") const {
    std::string joined;
    for (const auto& piece : emitted)
      if (piece.channel == channel) joined += piece.text;
    return joined;
  }
  bool logged(std::string_view part) const {
    for (const auto& line : logs)
      if (line.message.find(part) != std::string::npos) return true;
    return false;
  }
  /// For a failing test's output.
  std::string explain() const {
    std::string out = "code " + std::to_string(code) + ", result " + result;
    if (!error.type.empty() || !error.message.empty()) out += ", error " + error.type + ": " + error.message;
    for (const auto& problem : problems) out += "\n  problem: " + problem;
    for (const auto& line : logs) out += "\n  log: " + line.message;
    return out;
  }
};

}  // namespace leeward::testing
