/// Error: what an operator throws to end its attempt other than with success.
///
///     throw fail("http.bad_answer", "expected a list of articles");           // for good
///     throw retry("llm.rate_limited", "too many requests").http(429).after_ms(20000);
///     throw skip("nothing new since yesterday");
///     throw reschedule(60000);                                                // look again in a minute
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include <leeward/cpp/utf8.hpp>

LW_SDK_BEGIN

class LW_SDK_TYPE Error : public std::exception {
 public:
  /// `code`: LW_FAIL, LW_RETRY, LW_SKIP, LW_RESCHEDULE or LW_CANCELLED. `type`: a stable id that programs compare,
  /// "llm.rate_limited". `message`: one line for people: what, where, what was expected; made UTF-8 if it is not.
  Error(lw_code code, std::string type, std::string_view message)
      : code_(code), type_(std::move(type)), message_(well_formed(message)) {}

  /// How long the host should wait before the next attempt.
  Error& after_ms(std::int64_t delay_ms) {
    retry_after_ms_ = delay_ms;
    return *this;
  }
  /// The status that a server answered with.
  Error& http(std::int32_t status) {
    http_status_ = status;
    return *this;
  }
  /// A JSON object with more for machines to read.
  Error& details(std::string json_object) {
    details_ = std::move(json_object);
    return *this;
  }

  /// The same reason with another outcome.
  Error& as(lw_code code) {
    code_ = code;
    return *this;
  }

  const char* what() const noexcept override { return message_.c_str(); }
  lw_code code() const noexcept { return code_; }
  const std::string& type() const noexcept { return type_; }
  const std::string& message() const noexcept { return message_; }

  /// As the interface passes it; borrows from this object.
  lw_error raw() const noexcept {
    return {sizeof(lw_error), http_status_, retry_after_ms_, lend(type_), lend(message_), lend(details_)};
  }
  /// A copy of an error that the host lent, such as the one of a failed call.
  static Error from(lw_code code, const lw_error* lent) {
    if (!lent) return {code, "", ""};
    Error error(code, std::string(view(lent->type)), view(lent->message));
    error.after_ms(lent->retry_after_ms).http(lent->http_status).details(std::string(view(lent->details_json)));
    return error;
  }
  /// An end whose reason the host has already noted on the task, and knows better than we do.
  static Error noted_by_host(lw_code code) {
    Error error(code, "", "the host has noted why");
    error.noted_by_host_ = true;
    return error;
  }
  bool noted_by_host() const noexcept { return noted_by_host_; }

 private:
  lw_code code_;
  std::string type_;
  std::string message_;
  std::string details_;
  std::int64_t retry_after_ms_ = -1;
  std::int32_t http_status_ = 0;
  bool noted_by_host_ = false;
};

/// Failed for good: no retry helps.
inline Error fail(std::string type, std::string_view message) { return {LW_FAIL, std::move(type), message}; }
/// Failed, and another attempt may succeed; uses up one of the task's retries.
inline Error retry(std::string type, std::string_view message) { return {LW_RETRY, std::move(type), message}; }
/// There is nothing to do: the task ends as skipped.
inline Error skip(std::string_view why) { return {LW_SKIP, "skipped", why}; }
/// Not ready yet: run again after `delay_ms`; uses up no retry.
inline Error reschedule(std::int64_t delay_ms, std::string_view why = {}) {
  return Error{LW_RESCHEDULE, "rescheduled", why}.after_ms(delay_ms);
}
/// Stopped because the host asked.
inline Error cancelled() { return {LW_CANCELLED, "cancelled", "the host asked the task to stop"}; }

LW_SDK_END
