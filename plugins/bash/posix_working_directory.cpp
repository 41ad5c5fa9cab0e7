#include "posix_working_directory.hpp"

#include <cerrno>
#include <filesystem>
#include <stdlib.h>
#include <system_error>

#include <leeward/cpp/error.hpp>

namespace bash_plugin {
namespace fs = std::filesystem;
using leeward::sdk::retry;

WorkingDirectory::WorkingDirectory(const std::optional<std::string>& given) {
  std::error_code error;
  if (given) {
    path_ = *given;
    // It may be there next time: another task makes it, a volume is mounted.
    if (!fs::is_directory(path_, error)) throw retry("bash.cwd", "cwd: there is no directory '" + path_ + "'");
    return;
  }
  fs::path parent = fs::temp_directory_path(error);
  if (error) parent = "/tmp";
  path_ = (parent / "leeward-bash-XXXXXX").string();
  if (!::mkdtemp(path_.data()))
    throw retry("bash.cwd",
                "no temporary directory could be made at '" + path_ + "': " + std::generic_category().message(errno));
  temporary_ = true;
}

WorkingDirectory::~WorkingDirectory() {
  std::error_code ignored;  // what a process left behind still writes there stays
  if (temporary_) fs::remove_all(path_, ignored);
}

}  // namespace bash_plugin
