#include "host/plugin/plugin_library.hpp"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include <boost/dll/shared_library.hpp>
#include <sys/mman.h>

namespace leeward {
namespace {

constexpr const char* kEntry = "lw_plugin_entry_v1";

Error load_error(const std::string& path, std::string why) {
  return {"plugin.load", "cannot load it: " + std::move(why), {path, "", 0, 0}};
}

/// The plugin's bytes as a file that nobody can change any more. -1 and errno on failure.
int sealed_copy(const PluginFile& file) {
  const std::string name = std::filesystem::path{file.path}.filename().string().substr(0, 200);
  const int fd = ::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -1;
  std::size_t done = 0;
  while (done < file.bytes.size()) {
    const ssize_t n = ::write(fd, file.bytes.data() + done, file.bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  if (done == file.bytes.size() &&
      ::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0) {
    return fd;
  }
  const int reason = errno;
  ::close(fd);
  errno = reason;
  return -1;
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
  const int fd = sealed_copy(file);
  if (fd < 0) return load_error(file.path, std::strerror(errno));
  const std::string copy = "/proc/self/fd/" + std::to_string(fd);
  const auto mode = static_cast<boost::dll::load_mode::type>(
      static_cast<unsigned>(boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local) | RTLD_NODELETE);
  std::unique_ptr<PluginLibrary> result{new PluginLibrary};
  try {
    result->handle_->library.load(copy, mode);
  } catch (const std::exception& e) {
    ::close(fd);
    return load_error(file.path, in_users_words(e.what(), copy, file.path));
  }
  // The descriptor stays open for the life of the process: the linker knows the library by this number's path, and
  // would take the next plugin behind the same number for this one.
  try {
    result->descriptor_ = result->handle_->library.get<const lw_plugin*()>(kEntry)();
  } catch (const std::exception&) {
    return Error{
        "plugin.no_entry", std::string{"not a Leeward plugin: it exports no "} + kEntry, {file.path, "", 0, 0}};
  }
  return result;
}

}  // namespace leeward
