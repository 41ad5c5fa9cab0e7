#include "host/plugin/plugin_library.hpp"

#include <dlfcn.h>
#include <utility>

#include <boost/dll/shared_library.hpp>

#include "host/plugin/sealed_copy.hpp"

namespace leeward {
namespace {

constexpr const char* kEntry = "lw_plugin_entry_v1";

Error load_error(const std::string& path, std::string why) {
  return {"plugin.load", "cannot load it: " + std::move(why), {path, "", 0, 0}};
}

/// What the linker says names the copy; people know the plugin by its own path.
std::string in_users_words(std::string message, const std::string& copy, const std::string& path) {
  for (std::size_t at = message.find(copy); at != std::string::npos; at = message.find(copy, at + path.size())) {
    message.replace(at, copy.size(), path);
  }
  const std::string_view boilerplate = "boost::dll::shared_library::load() failed (dlerror system message: ";
  if (const std::size_t at = message.find(boilerplate); at != std::string::npos)
    message.erase(0, at + boilerplate.size());
  if (const std::size_t at = message.rfind("): Bad file descriptor"); at != std::string::npos) message.erase(at);
  return message;
}

}  // namespace

struct PluginLibrary::Handle {
  boost::dll::shared_library library;
};

PluginLibrary::PluginLibrary() : handle_(std::make_unique<Handle>()) {}
PluginLibrary::~PluginLibrary() = default;

Result<std::unique_ptr<PluginLibrary>> PluginLibrary::open(const PluginFile& file) {
  Result<UniqueFd> copy = sealed_copy(file);
  if (!copy) return std::move(copy).error();
  return open_sealed(std::move(copy).value(), file.path);
}

Result<std::unique_ptr<PluginLibrary>> PluginLibrary::open_sealed(UniqueFd sealed, const std::string& path) {
  const std::string copy = "/proc/self/fd/" + std::to_string(sealed.get());
  const auto mode = static_cast<boost::dll::load_mode::type>(
      static_cast<unsigned>(boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local) | RTLD_NODELETE);
  std::unique_ptr<PluginLibrary> result{new PluginLibrary};
  try {
    result->handle_->library.load(copy, mode);
  } catch (const std::exception& e) {
    return load_error(path, in_users_words(e.what(), copy, path));
  }
  // The descriptor stays open for the life of the process: the linker knows the library by this number's path, and
  // would take the next plugin behind the same number for this one.
  static_cast<void>(sealed.release());
  try {
    result->descriptor_ = result->handle_->library.get<const lw_plugin*()>(kEntry)();
  } catch (const std::exception&) {
    return Error{"plugin.no_entry", std::string{"not a Leeward plugin: it exports no "} + kEntry, {path, "", 0, 0}};
  }
  return result;
}

}  // namespace leeward
