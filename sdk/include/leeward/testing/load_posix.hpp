/// Loads a built plugin, to test the very file that will be shipped. POSIX.
#pragma once

#include <dlfcn.h>
#include <stdexcept>
#include <string>

#include <leeward/plugin.h>

namespace leeward::testing {

/// The plugin in `path`. It stays loaded. Throws std::runtime_error with the loader's reason.
inline const lw_plugin* load(const std::string& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(::dlerror());
  void* entry = ::dlsym(library, "lw_plugin_entry_v1");
  if (!entry) throw std::runtime_error(path + ": no lw_plugin_entry_v1: not a plugin of this interface");
  return reinterpret_cast<const lw_plugin* (*)()>(entry)();
}

}  // namespace leeward::testing
