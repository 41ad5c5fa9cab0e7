// A file may be unlinked between somebody's open() and their lock, by the owner that gives it up or by whoever cleans:
// then they hold a lock that nobody else will ever see. So a lock counts only if its file still has a name. Locks
// belong to the open file, not to the process: two runs of one process exclude each other, too, and closing another
// descriptor of the file gives nothing up.

#include "host/app/run_lock.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <sys/stat.h>

#include "core/base/digest.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxName = 200;
/// How often a lock is tried for whose owner is dead: somebody is about to take that file away.
constexpr int kCleaners = 200;
constexpr std::chrono::milliseconds kPause{1};

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
}

/// A run's id, where it is fit for a file's name; else a digest of it.
std::string name_of(std::string_view run_id) {
  const bool plain = !run_id.empty() && run_id.front() != '.' && run_id.size() <= kMaxName &&
                     std::all_of(run_id.begin(), run_id.end(), is_plain);
  if (plain) return std::string{run_id} + ".lock";
  std::string name = ".";
  for (const std::uint8_t byte : sha1(run_id)) {
    char hex[3];
    std::snprintf(hex, sizeof hex, "%02x", byte);
    name += hex;
  }
  return name + ".lock";
}

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

bool lock_now(int fd) {
  struct flock lock = whole_file();
  return ::fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool has_name(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && status.st_nlink > 0;
}

/// 0: it does not say.
pid_t pid_in(int fd) {
  char text[32] = {};
  const ssize_t n = ::pread(fd, text, sizeof text - 1, 0);
  return n > 0 ? static_cast<pid_t>(std::strtol(text, nullptr, 10)) : 0;
}

bool is_alive(pid_t pid) { return pid > 0 && (::kill(pid, 0) == 0 || errno != ESRCH); }

Error owned(std::string_view run_id, pid_t pid) {
  const std::string who = pid > 0 ? "process " + std::to_string(pid) : "another process";
  return {"run.owned", "run " + std::string{run_id} + " is being run by " + who};
}

Error unusable(const fs::path& file) {
  return {"home.unusable", "the lock of a run cannot be made: " + file.string() + ": " + std::strerror(errno)};
}

void write_pid(int fd) {
  const std::string text = std::to_string(::getpid()) + "\n";
  [[maybe_unused]] const int cut = ::ftruncate(fd, 0);  // it only serves messages
  [[maybe_unused]] const ssize_t written = ::pwrite(fd, text.data(), text.size(), 0);
}

}  // namespace

Result<RunLock> RunLock::take(const fs::path& folder, std::string_view run_id) {
  const fs::path file = folder / name_of(run_id);
  for (int tries = 0;; ++tries) {
    UniqueFd fd{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!fd) return unusable(file);
    if (lock_now(fd.get())) {
      if (!has_name(fd.get())) continue;
      write_pid(fd.get());
      return RunLock{file, std::move(fd)};
    }
    if (errno != EAGAIN && errno != EACCES) return unusable(file);
    const pid_t pid = pid_in(fd.get());
    if (is_alive(pid) || tries == kCleaners) return owned(run_id, pid);
    std::this_thread::sleep_for(kPause);
  }
}

RunLock::~RunLock() {
  if (fd_) ::unlink(file_.c_str());
}

std::optional<RunOwner> run_owner(const fs::path& folder, std::string_view run_id) {
  const UniqueFd fd{::open((folder / name_of(run_id)).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  struct flock lock = whole_file();
  if (!fd || ::fcntl(fd.get(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
  return RunOwner{pid_in(fd.get())};
}

void remove_stale_locks(const fs::path& folder) {
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder, failed}) {
    if (entry.path().extension() != ".lock") continue;
    const UniqueFd fd{::open(entry.path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
    if (fd && !is_alive(pid_in(fd.get())) && lock_now(fd.get()) && has_name(fd.get())) ::unlink(entry.path().c_str());
  }
}

}  // namespace leeward
