#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/assert.hpp"

namespace leeward {

/// Where in a text a mistake stands. Line and column count from 1, columns in characters; 0 means unknown.
struct Where {
  std::string file;     ///< as the user named it; empty if the text is no file
  std::string pointer;  ///< JSON pointer (RFC 6901), "/tasks/2/operator"; empty for the whole document
  int line = 0;
  int column = 0;
};

/// Expected trouble: a bad spec, a missing file, a full disk. `message` says what, what was expected, and the nearest
/// guess; `code` is stable and for machines ("spec.unknown_operator").
struct Error {
  std::string code;
  std::string message;
  Where where{};
};

/// "dags/x.json:14:17 /tasks/2/operator: no operator ..."
[[nodiscard]] std::string to_string(const Error& error);

/// Every mistake that was found, in the order of the text.
using Errors = std::vector<Error>;

/// A value, or the Error that kept it from being. Callers must look.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// REQUIRES: ok().
  [[nodiscard]] T& value() & { return LW_ASSERT(ok(), "a value was asked of a failed result"), std::get<0>(state_); }
  [[nodiscard]] const T& value() const& {
    return LW_ASSERT(ok(), "a value was asked of a failed result"), std::get<0>(state_);
  }
  [[nodiscard]] T&& value() && {
    return LW_ASSERT(ok(), "a value was asked of a failed result"), std::move(std::get<0>(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// REQUIRES: !ok().
  [[nodiscard]] const Error& error() const& {
    return LW_ASSERT(!ok(), "an error was asked of a good result"), std::get<1>(state_);
  }
  [[nodiscard]] Error&& error() && {
    return LW_ASSERT(!ok(), "an error was asked of a good result"), std::move(std::get<1>(state_));
  }

 private:
  std::variant<T, Error> state_;
};

/// Done, or the Error that kept it from being done.
using Status = Result<std::monostate>;
inline Status done() { return std::monostate{}; }

}  // namespace leeward
