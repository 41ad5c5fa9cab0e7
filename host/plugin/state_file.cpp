#include "host/plugin/state_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <sys/file.h>
#include <sys/stat.h>

#include "host/process/unique_fd.hpp"
#include "host/process/write_all.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

Error trouble(const char* code, const fs::path& path, std::string message) {
  return {code, std::move(message), {path.string(), "", 0, 0}};
}

Error unreadable(const fs::path& path, const std::string& why) {
  return trouble("home.unreadable", path, "cannot read it: " + why);
}

Error unwritable(const fs::path& path) {
  return trouble("file.unwritable", path, std::string{"cannot write it: "} + std::strerror(errno));
}

bool make_folder(const fs::path& folder) {
  if (folder.empty() || ::access(folder.c_str(), F_OK) == 0) return true;
  if (!make_folder(folder.parent_path())) return false;
  return ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST;
}

/// The new name itself must survive a power cut too.
bool sync_folder(const fs::path& folder) {
  const UniqueFd fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return fd && ::fsync(fd.get()) == 0;
}

}  // namespace

Result<std::string> read_state_file(const fs::path& path, std::size_t max_bytes) {
  const UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status {};
  if (!file && errno == ENOENT) return trouble("file.missing", path, "there is no such file");
  if (!file || ::fstat(file.get(), &status) != 0) return unreadable(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return unreadable(path, "not a regular file");
  if ((status.st_uid != 0 && status.st_uid != ::geteuid()) || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return trouble("file.permissions", path,
                   "it decides what is trusted, and other users may write it; mend it: chmod go-w '" + path.string() +
                       "', and let it be yours");
  std::string text;
  char piece[65536];
  for (ssize_t n = 0; (n = ::read(file.get(), piece, sizeof piece)) != 0;) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(path, std::strerror(errno));
    text.append(piece, static_cast<std::size_t>(n));
    if (text.size() > max_bytes) return unreadable(path, "it is too large");
  }
  return text;
}

Status write_state_file(const fs::path& path, const std::string& text) {
  if (!make_folder(path.parent_path())) return unwritable(path);
  std::string temporary = path.string() + ".XXXXXX";
  const UniqueFd file{::mkostemp(temporary.data(), O_CLOEXEC)};
  if (!file) return unwritable(path);
  const bool written = write_all(file.get(), text) && ::fsync(file.get()) == 0 &&
                       ::rename(temporary.c_str(), path.c_str()) == 0 && sync_folder(path.parent_path());
  if (written) return done();
  const Error error = unwritable(path);
  ::unlink(temporary.c_str());
  return error;
}

StateFolderLock::StateFolderLock(const fs::path& folder)
    : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) continue;
}

StateFolderLock::~StateFolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace leeward
