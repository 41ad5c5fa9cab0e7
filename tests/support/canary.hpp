#pragma once

#include <string>
#include <utility>
#include <vector>

namespace leeward::test {

/// A secret that no text has by accident, and that every way of escaping changes: blank, quote, backslash, slash, plus,
/// percent, characters of two and four bytes.
inline const std::string kCanary = "Kanarie 7!\"\\/+%&=\xC3\xA9\xF0\x9F\x90\xA6+q9Zx";

/// The canary in the ways that programs write secrets, by name. Spelled out by simple code of its own, so that it does
/// not share a mistake with what it tests.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> forms_of(const std::string& secret);

}  // namespace leeward::test
