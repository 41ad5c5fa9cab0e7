#include "host/app/home.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

namespace leeward {
namespace fs = std::filesystem;
namespace {

Error unusable(const fs::path& path, const std::string& why) {
  return {"home.unusable", "the home folder cannot be used: " + path.string() + ": " + why +
                               " (--home DIR or LEEWARD_HOME name another one)"};
}

Error unusable(const fs::path& path, int error) { return unusable(path, std::strerror(error)); }

/// The folder is there, ours, and nobody else may put anything into it.
Status make_folder(const fs::path& path) {
  std::error_code failed;
  if (!path.parent_path().empty()) fs::create_directories(path.parent_path(), failed);
  if (failed) return unusable(path, failed.message());
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return unusable(path, errno);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return unusable(path, errno);
  if (!S_ISDIR(status.st_mode)) return unusable(path, "it is no folder");
  if (status.st_uid != ::geteuid()) return unusable(path, "it belongs to another user");
  if ((status.st_mode & 022) != 0)
    return unusable(path, "other users may write to it; mend it: chmod 700 '" + path.string() + "'");
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) return unusable(path, errno);
  return done();
}

}  // namespace

Result<Home> Home::open(fs::path path) {
  std::error_code failed;
  const fs::path whole = fs::absolute(path, failed);  // a task may change where the process stands
  Home home{(failed ? path : whole).lexically_normal()};
  for (const fs::path& folder : {home.path_, home.run_folder(), home.log_folder()}) {
    if (Status made = make_folder(folder); !made) return std::move(made).error();
  }
  return home;
}

bool Home::has_store() const {
  std::error_code failed;
  return fs::exists(store_file(), failed);
}

}  // namespace leeward
