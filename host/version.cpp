#include "host/version.hpp"

namespace leeward {

std::string_view program_version() noexcept { return LEEWARD_VERSION; }

std::string_view build_description() noexcept { return LEEWARD_BUILD " g++ " __VERSION__; }

}  // namespace leeward
