#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace leeward {

/// Which of the paid calls of a run. An attempt that is started again after a crash makes the same ones; the next try
/// makes its own.
struct CallKey {
  std::string run_id;
  std::string task_id;
  int map_index = -1;
  int try_number = 1;
  int reschedules = 0;  ///< an attempt that looks again later asks again
  std::string digest;   ///< of all that is asked: tells one request of the attempt from another, whatever their order
  int ordinal = 0;      ///< how many calls the attempt made before that asked just the same

  friend auto operator<=>(const CallKey&, const CallKey&) = default;
};

/// What came of a call. Keys of connections are taken out before it gets here.
struct CallAnswer {
  int http_status = 0;  ///< 0: no answer arrived
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string error_code;  ///< empty: the answer arrived whole
  std::string error_message;
  bool sent_twice = false;  ///< its connection broke before an answer, and it went out again: a possible duplicate
};

/// Remembers paid calls so that none is paid for twice: the intent is on disk before the request goes out, the answer
/// before anybody is told.
///
/// A crash in between leaves an intent without an answer: the call may have been made, nobody knows, and it is made
/// again. That is counted as a possible duplicate of its task instance.
///
/// Thread-safe. What is called back is called exactly once, on a thread of the ledger's or before the function returns,
/// and must not block.
class CallLedger {
 public:
  /// What is known of a call that is about to be made.
  struct Standing {
    std::optional<CallAnswer> answer;  ///< it was made before: here is what came of it, ask nobody
    /// The how-manyth of the attempt's calls it is, from 0 and in the order of their intents. It stays the call's own
    /// over crashes: what the other side may tell duplicates by.
    int number = 0;
    bool may_have_been_made = false;  ///< its intent is from before a crash
  };

  virtual ~CallLedger() = default;
  /// Before the call. If no answer is known, the intent is recorded.
  virtual void intend(CallKey key, std::function<void(Result<Standing>)> then) = 0;
  /// After the call, and before the plugin is told. REQUIRES: it was intended.
  virtual void answered(CallKey key, CallAnswer answer, std::function<void(Status)> then) = 0;
  /// Nothing went out, so nothing can have been paid for: the last intent is taken back. Nobody waits for it: where it
  /// is lost, a call too many is counted.
  virtual void not_made(CallKey key) = 0;
};

}  // namespace leeward
