#include "host/plugin/plugin_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

#include "core/base/digest.hpp"
#include "host/plugin/elf_check.hpp"
#include "host/plugin/file_trust.hpp"
#include "host/process/unique_fd.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

constexpr off_t kMaxBytes = off_t{512} << 20;
constexpr const char* kEntrySymbol = "lw_plugin_entry_v1";

Error unreadable(const std::string& path, const std::string& why) {
  return {"plugin.unreadable", "cannot read it: " + why, {path, "", 0, 0}};
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + std::int64_t{time.tv_nsec};
}

FileIdentity identity_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
          static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

/// Everything about a file but its contents.
std::optional<Error> file_fault(const std::string& name, const fs::path& real, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return unreadable(name, "not a regular file");
  if (auto fault = permission_fault(name, status)) return fault;
  if (auto fault = parents_fault(real)) {
    fault->where.file = name;
    return fault;
  }
  if (status.st_size > kMaxBytes) return unreadable(name, "larger than 512 MiB");
  return std::nullopt;
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

std::optional<Error> contents_fault(const PluginFile& file) {
  if (auto fault = elf_fault(file.bytes)) return Error{"plugin.not_a_plugin", *fault, {file.path, "", 0, 0}};
  if (elf_mentions(file.bytes, kEntrySymbol)) return std::nullopt;
  return Error{"plugin.not_a_plugin",
               std::string{"a shared library, but no Leeward plugin: it does not export "} + kEntrySymbol,
               {file.path, "", 0, 0}};
}

}  // namespace

Result<PluginFile> PluginFile::read(const fs::path& path) {
  PluginFile result{path.string(), {}, {}};
  std::error_code missing;
  const fs::path real = fs::canonical(path, missing);
  if (missing) return unreadable(result.path, missing.message());
  // O_NONBLOCK: a pipe must not make the host wait for a writer.
  const UniqueFd file{::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)};
  if (!file) return unreadable(result.path, std::strerror(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return unreadable(result.path, std::strerror(errno));
  if (auto fault = file_fault(result.path, real, status)) return *std::move(fault);
  Result<std::string> bytes = read_all(file.get(), status.st_size, result.path);
  if (!bytes) return std::move(bytes).error();
  result.bytes = std::move(bytes).value();
  result.identity = identity_of(status);
  if (auto fault = contents_fault(result)) return *std::move(fault);
  return result;
}

Result<FileIdentity> PluginFile::identify(const fs::path& path) {
  std::error_code missing;
  const fs::path real = fs::canonical(path, missing);
  if (missing) return unreadable(path.string(), missing.message());
  struct stat status {};
  if (::lstat(real.c_str(), &status) != 0) return unreadable(path.string(), std::strerror(errno));
  if (auto fault = file_fault(path.string(), real, status)) return *std::move(fault);
  return identity_of(status);
}

std::string PluginFile::sha256() const { return sha256_hex(bytes); }

Status check_plugin_folder(const fs::path& folder) {
  const std::string name = folder.string();
  std::error_code missing;
  const fs::path real = fs::canonical(folder, missing);
  if (missing)
    return Error{"plugin.no_folder", "cannot look into the plugin folder: " + missing.message(), {name, "", 0, 0}};
  struct stat status {};
  if (::stat(real.c_str(), &status) != 0) {
    return Error{"plugin.no_folder",
                 std::string{"cannot look into the plugin folder: "} + std::strerror(errno),
                 {name, "", 0, 0}};
  }
  if (!S_ISDIR(status.st_mode)) return Error{"plugin.no_folder", "not a folder", {name, "", 0, 0}};
  if (auto fault = permission_fault(name, status)) return *std::move(fault);
  if (auto fault = parents_fault(real)) {
    fault->where.file = name;
    return *std::move(fault);
  }
  return done();
}

std::vector<fs::path> plugin_files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code unreadable;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder, unreadable}) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".so" && !name.starts_with('.')) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace leeward
