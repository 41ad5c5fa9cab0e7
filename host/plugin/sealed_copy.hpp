#pragma once

#include "core/base/result.hpp"
#include "host/plugin/plugin_file.hpp"
#include "host/process/unique_fd.hpp"

namespace leeward {

/// A plugin's bytes as a file in memory that nobody can change any more: what was checked and hashed is what is loaded,
/// here or in a process that is given the descriptor. Code plugin.load.
[[nodiscard]] Result<UniqueFd> sealed_copy(const PluginFile& file);

}  // namespace leeward
