#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace leeward {

/// One answered chat completion, for the statistics and the log file.
struct MockRecord {
  std::uint64_t number = 0;
  std::int64_t at_ms = 0;  ///< since 1970
  std::string model;
  int status = 0;  ///< 0: none was sent
  bool stream = false;
  std::optional<std::size_t> rule;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::string prompt;
  std::string idempotency_key;  ///< the header's; empty: none
};
[[nodiscard]] std::string to_json(const MockRecord& record);

/// What a mock server was asked and answered. Thread-safe: the server's thread writes, anyone reads.
class MockStats {
 public:
  void add(MockRecord record);
  /// A request is being answered; its end is told by finished().
  void began();
  void finished();

  [[nodiscard]] std::uint64_t requests() const;
  /// {"requests", "in_flight", "max_in_flight", "by_status", "by_model", "input_tokens", "output_tokens",
  /// "idempotency_keys": {"distinct", "repeated": {key: how often it came}}, "last_requests"}
  [[nodiscard]] std::string json() const;

 private:
  static constexpr std::size_t kKept = 20;

  mutable std::mutex mutex_;
  std::uint64_t requests_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t max_in_flight_ = 0;
  std::int64_t input_tokens_ = 0;
  std::int64_t output_tokens_ = 0;
  std::map<std::string, std::map<int, std::uint64_t>> by_model_;
  std::map<int, std::uint64_t> by_status_;
  std::map<std::string, std::uint64_t> by_key_;
  std::deque<MockRecord> last_;
};

}  // namespace leeward
