#pragma once

#include "tests/conformance/group.hpp"

namespace leeward::conformance {

/// Drives a case of tests/conformance/cases; the README there tells the format.
[[nodiscard]] Verdict check_own(const Json& test_case);

}  // namespace leeward::conformance
