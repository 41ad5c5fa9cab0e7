#pragma once

#include <memory>
#include <string>

#include <leeward/plugin.h>

#include "core/base/result.hpp"
#include "host/plugin/plugin_file.hpp"
#include "host/process/unique_fd.hpp"

namespace leeward {

/// One open plugin library: the only place that knows Boost.DLL.
///
/// What is mapped is a sealed private copy in memory, so that a file overwritten or cut short later cannot crash the
/// host. Symbols are resolved at once and stay local; DEEPBIND is never used (it breaks the C++ runtime of either
/// side). The code stays mapped for the life of the process even after this object is gone: threads, static data and
/// thread-exit handlers of a plugin do not survive an unload.
class PluginLibrary {
 public:
  /// Codes plugin.load (the dynamic linker's own words), plugin.no_entry.
  [[nodiscard]] static Result<std::unique_ptr<PluginLibrary>> open(const PluginFile& file);
  /// The same of a sealed copy (sealed_copy.hpp) that another process made; `path` is for messages. Same codes.
  [[nodiscard]] static Result<std::unique_ptr<PluginLibrary>> open_sealed(UniqueFd sealed, const std::string& path);
  ~PluginLibrary();
  PluginLibrary(const PluginLibrary&) = delete;
  PluginLibrary& operator=(const PluginLibrary&) = delete;

  /// What the entry point returned; null if it returned NULL. Unchecked.
  [[nodiscard]] const lw_plugin* descriptor() const noexcept { return descriptor_; }

 private:
  struct Handle;
  PluginLibrary();
  std::unique_ptr<Handle> handle_;
  const lw_plugin* descriptor_ = nullptr;
};

}  // namespace leeward
