#include "host/plugin/file_trust.hpp"

#include <cerrno>
#include <cstring>
#include <grp.h>
#include <mutex>
#include <pwd.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace leeward {
namespace {

bool is_trusted(uid_t owner) {
  if (owner == 0 || owner == ::geteuid()) return true;
  struct stat program {};
  return ::stat("/proc/self/exe", &program) == 0 && owner == program.st_uid;
}

/// Groups below it are the distribution's own and mean the same everywhere; 100, "users", is the primary one of
/// everybody in many directories, which need not list who that is.
constexpr gid_t kFirstSharedGroup = 100;

/// Whether it is the primary group of somebody, whom the group itself does not list: other than root and this user.
bool is_primary_of_others(gid_t group) {
  static std::mutex one_walk_at_a_time;
  const std::lock_guard lock{one_walk_at_a_time};
  bool found = false;
  ::setpwent();
  while (const passwd* user = found ? nullptr : ::getpwent())
    found = user->pw_gid == group && user->pw_uid != 0 && user->pw_uid != ::geteuid();
  ::endpwent();
  return found;
}

/// Many systems give each user a group of the same name, and a umask that lets the group write: nobody else is in it.
/// And in some the folders for local software are root's and belong to a group that nobody is in until root says so.
bool is_group_of_nobody_else(const struct stat& status) {
  group entry{};
  group* members = nullptr;
  std::vector<char> buffer(std::size_t{64} << 10);
  if (::getgrgid_r(status.st_gid, &entry, buffer.data(), buffer.size(), &members) != 0) return false;
  if (members == nullptr || members->gr_mem[0] != nullptr || is_primary_of_others(status.st_gid)) return false;
  if (S_ISDIR(status.st_mode) && status.st_uid == 0 && status.st_gid < kFirstSharedGroup) return true;
  if (status.st_gid != ::getegid()) return false;
  const std::string name = members->gr_name;
  passwd user{};
  passwd* found = nullptr;
  return ::getpwuid_r(::geteuid(), &user, buffer.data(), buffer.size(), &found) == 0 && found != nullptr &&
         name == found->pw_name;
}

bool others_may_write(const struct stat& status) {
  if ((status.st_mode & S_IWOTH) != 0) return true;
  return (status.st_mode & S_IWGRP) != 0 && !is_group_of_nobody_else(status);
}

Error fault(const std::filesystem::path& path, std::string message) {
  return {"plugin.permissions", std::move(message), {path.string(), "", 0, 0}};
}

const char* kind_of(const struct stat& status) { return S_ISDIR(status.st_mode) ? "folder" : "file"; }

}  // namespace

std::optional<Error> permission_fault(const std::filesystem::path& path, const struct stat& status) {
  const std::string kind = kind_of(status);
  if (!is_trusted(status.st_uid)) {
    return fault(path, "the " + kind + " belongs to another user (uid " + std::to_string(status.st_uid) +
                           "), who could replace what it holds; make it yours: chown " + std::to_string(::geteuid()) +
                           " '" + path.string() + "'");
  }
  if (!others_may_write(status)) return std::nullopt;
  return fault(path, "other users may write this " + kind + ", so it is not loaded; mend it: chmod go-w '" +
                         path.string() + "'");
}

std::optional<Error> parents_fault(const std::filesystem::path& path) {
  for (std::filesystem::path folder = path.parent_path();; folder = folder.parent_path()) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0)
      return fault(path, "cannot look at the folder \"" + folder.string() + "\" above it: " + std::strerror(errno));
    const std::string above = "\"" + folder.string() + "\", a folder above it, ";
    if (!is_trusted(status.st_uid))
      return fault(path, above + "belongs to another user (uid " + std::to_string(status.st_uid) +
                             "), who could put another in its place; move it to a folder of yours");
    if (others_may_write(status) && (status.st_mode & S_ISVTX) == 0)
      return fault(path,
                   above + "may be written by other users, who could put another in its place; mend it: chmod go-w '" +
                       folder.string() + "'");
    if (folder == folder.root_path()) return std::nullopt;
  }
}

}  // namespace leeward
