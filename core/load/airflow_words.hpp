#pragma once

#include <string>
#include <string_view>

namespace leeward {

/// For who brings a DAG from Airflow: that a key is one of Airflow's which Leeward does not have, and what to use
/// instead, to be put behind a message. Empty for any other word.
[[nodiscard]] std::string instead_of_airflows(std::string_view key);

}  // namespace leeward
