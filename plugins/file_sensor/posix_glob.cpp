#include "plugins/file_sensor/posix_glob.hpp"

#include <algorithm>
#include <filesystem>
#include <fnmatch.h>
#include <system_error>

namespace file_sensor {
namespace {

namespace fs = std::filesystem;

bool has_wildcard(const std::string& name) { return name.find_first_of("*?[") != std::string::npos; }

// One walk: the components of the pattern from left to right, the file system below what matched so far.
class Walk {
 public:
  Walk(bool recursive, std::size_t limit, const std::function<void()>& look_up)
      : recursive_(recursive), limit_(limit), look_up_(look_up) {}

  std::vector<std::string> run(const fs::path& pattern) {
    for (const fs::path& part : pattern.relative_path()) components_.push_back(part.string());
    descend(pattern.root_path(), 0);
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());  // `**/**` finds things twice
    return std::move(found_);
  }

 private:
  void descend(const fs::path& at, std::size_t next) {
    look_up_();
    if (found_.size() >= limit_) return;
    std::error_code ignored;
    if (next == components_.size()) {
      if (fs::exists(at, ignored)) found_.push_back(at.string());
      return;
    }
    const std::string& component = components_[next];
    if (component.empty()) {  // the pattern ends in '/': only a folder will do
      if (fs::is_directory(at, ignored)) found_.push_back(at.string());
    } else if (recursive_ && component == "**") {
      descend(at, next + 1);
      for_each_entry(at, [&](const fs::directory_entry& entry, const std::string& name) {
        std::error_code unknown;
        const bool is_link = entry.is_symlink(unknown);
        if (name.front() != '.' && !is_link && entry.is_directory(unknown)) descend(at / name, next);
      });
    } else if (has_wildcard(component)) {
      for_each_entry(at, [&](const fs::directory_entry&, const std::string& name) {
        if (::fnmatch(component.c_str(), name.c_str(), FNM_PERIOD) == 0) descend(at / name, next + 1);
      });
    } else {
      descend(at / component, next + 1);
    }
  }

  template <class Visit>
  void for_each_entry(const fs::path& folder, Visit visit) {
    std::error_code failed;
    fs::directory_iterator at(folder.empty() ? fs::path(".") : folder, failed);
    for (; !failed && at != fs::directory_iterator(); at.increment(failed)) {
      if (found_.size() >= limit_) return;
      visit(*at, at->path().filename().string());
    }
  }

  const bool recursive_;
  const std::size_t limit_;
  const std::function<void()>& look_up_;
  std::vector<std::string> components_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> paths_matching(std::string_view pattern, bool recursive, std::size_t limit,
                                        const std::function<void()>& look_up) {
  return Walk{recursive, limit, look_up}.run(fs::path(pattern));
}

bool holds_a_file(const std::string& path, const std::function<void()>& look_up) {
  std::error_code failed;
  if (!fs::is_directory(path, failed)) return fs::exists(path, failed);
  fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    look_up();
    std::error_code unknown;
    if (!at->is_directory(unknown)) return true;
  }
  return false;
}

}  // namespace file_sensor
