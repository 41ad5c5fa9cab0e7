#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <leeward/plugin.h>

#include "core/base/result.hpp"
#include "core/model/operator_info.hpp"

namespace leeward {

/// What a plugin says of itself, checked and copied: nothing behind it is read before the two sides' versions agree.
struct PluginManifest {
  struct Entry {
    OperatorInfo info;
    std::uint32_t flags = 0;
    const lw_operator* table = nullptr;  ///< the plugin's; lives as long as the process
    std::string params_schema;           ///< as written, or empty
    std::string output_schema;
  };
  std::string name;
  std::string version;
  std::string license;
  std::string doc;
  std::uint32_t abi_version = 0;
  std::uint32_t abi_needs = 0;
  std::vector<Entry> entries;

  /// Codes plugin.abi (with both numbers), plugin.bad_descriptor (which field, of which operator). `file` is for
  /// messages.
  [[nodiscard]] static Result<PluginManifest> read(const lw_plugin* plugin, const std::string& file);
};

/// "1.0" of LW_ABI_VERSION's form.
[[nodiscard]] std::string abi_text(std::uint32_t version);
/// The names of the flags that are set, as `plugins inspect` prints them.
[[nodiscard]] std::vector<std::string> flag_names(std::uint32_t flags);

}  // namespace leeward
