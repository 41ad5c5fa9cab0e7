#include "host/plugin/plugin_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <optional>
#include <pwd.h>
#include <unistd.h>

#include <sys/stat.h>

#include "host/plugin/elf_check.hpp"

namespace leeward {
namespace {

constexpr off_t kMaxBytes = off_t{512} << 20;
constexpr const char* kEntrySymbol = "lw_plugin_entry_v1";

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Error unreadable(const std::string& path, const std::string& why) {
  return {"plugin.unreadable", "cannot read it: " + why, {path, "", 0, 0}};
}

/// Many systems give each user a group of the same name, and a umask that lets the group write: nobody else is in it.
bool is_own_private_group(gid_t gid) {
  if (gid != ::getegid()) return false;
  const passwd* user = ::getpwuid(::geteuid());
  const group* members = ::getgrgid(gid);
  if (user == nullptr || members == nullptr || members->gr_mem[0] != nullptr) return false;
  return std::strcmp(user->pw_name, members->gr_name) == 0;
}

/// Why code from here is not trusted: whoever can write it runs as this user.
std::optional<Error> permission_fault(const std::string& path, const struct stat& status) {
  const char* what = S_ISDIR(status.st_mode) ? "folder" : "file";
  if (status.st_uid != 0 && status.st_uid != ::geteuid() && ::geteuid() != 0) {
    return Error{"plugin.permissions",
                 std::string{"the "} + what + " belongs to another user (uid " + std::to_string(status.st_uid) +
                     "), who could replace what it holds; make it yours: chown " + std::to_string(::geteuid()) + " '" +
                     path + "'",
                 {path, "", 0, 0}};
  }
  const bool group_writes = (status.st_mode & S_IWGRP) != 0 && !is_own_private_group(status.st_gid);
  const bool world_writes = (status.st_mode & S_IWOTH) != 0;
  if (!group_writes && !world_writes) return std::nullopt;
  return Error{
      "plugin.permissions",
      std::string{"other users may write this "} + what + ", so it is not loaded; mend it: chmod go-w '" + path + "'",
      {path, "", 0, 0}};
}

Result<std::string> read_all(int fd, off_t size, const std::string& path) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(path, std::strerror(errno));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace

Result<PluginFile> PluginFile::read(const std::filesystem::path& path) {
  std::string name = path.string();
  // O_NONBLOCK: a pipe must not make the host wait for a writer.
  const Descriptor file{::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0) return unreadable(name, std::strerror(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return unreadable(name, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return unreadable(name, "not a regular file");
  if (auto fault = permission_fault(name, status)) return *std::move(fault);
  if (status.st_size > kMaxBytes) return unreadable(name, "larger than 512 MiB");
  Result<std::string> bytes = read_all(file.get(), status.st_size, name);
  if (!bytes) return std::move(bytes).error();
  if (auto fault = elf_fault(*bytes)) return Error{"plugin.not_a_plugin", *fault, {name, "", 0, 0}};
  if (!elf_mentions(*bytes, kEntrySymbol)) {
    return Error{"plugin.not_a_plugin",
                 std::string{"a shared library, but no Leeward plugin: it does not export "} + kEntrySymbol,
                 {name, "", 0, 0}};
  }
  return PluginFile{std::move(name), std::move(bytes).value()};
}

Status check_plugin_folder(const std::filesystem::path& folder) {
  const std::string name = folder.string();
  struct stat status {};
  if (::stat(name.c_str(), &status) != 0) {
    return Error{"plugin.no_folder",
                 std::string{"cannot look into the plugin folder: "} + std::strerror(errno),
                 {name, "", 0, 0}};
  }
  if (!S_ISDIR(status.st_mode)) return Error{"plugin.no_folder", "not a folder", {name, "", 0, 0}};
  if (auto fault = permission_fault(name, status)) return *std::move(fault);
  return done();
}

}  // namespace leeward
