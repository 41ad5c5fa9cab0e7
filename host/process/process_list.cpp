#include "host/process/process_list.hpp"

#include <algorithm>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>

#include "host/process/unique_fd.hpp"

namespace leeward {
namespace {

template <class Number>
Number number_in(std::string_view text) {
  Number number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size() ? number : 0;
}

/// What a file of /proc that is short begins with.
struct Beginning {
  explicit Beginning(const std::string& path) {
    const UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    const ssize_t size = file ? ::read(file.get(), content, sizeof content) : 0;
    text = {content, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }
  Beginning(const Beginning&) = delete;
  Beginning& operator=(const Beginning&) = delete;
  char content[1024];
  std::string_view text;
};

}  // namespace

/// Of "/proc/N/stat" only what follows the name in parentheses is split at spaces: a program chooses its own name.
std::optional<ProcessFacts> facts_of(pid_t process) {
  const Beginning stat{"/proc/" + std::to_string(process) + "/stat"};
  std::string_view rest = stat.text;
  const std::size_t name_end = rest.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= rest.size()) return std::nullopt;
  rest.remove_prefix(name_end + 2);
  ProcessFacts facts;
  facts.process = process;
  facts.state = rest[0];
  constexpr int kParent = 1;  // counted from the state
  constexpr int kThreads = 17;
  constexpr int kStarted = 19;
  for (int field = 0; field <= kStarted; ++field) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    if (field == kParent) facts.parent = number_in<pid_t>(rest.substr(0, space));
    if (field == kThreads) facts.threads = number_in<std::uint64_t>(rest.substr(0, space));
    if (field == kStarted) facts.started = number_in<std::uint64_t>(rest.substr(0, space));
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return facts;
}

std::vector<ProcessFacts> all_processes() {
  std::vector<ProcessFacts> all;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc{::opendir("/proc"), &::closedir};
  while (const dirent* entry = proc ? ::readdir(proc.get()) : nullptr) {
    const auto process = number_in<pid_t>(entry->d_name);
    if (process <= 0) continue;
    if (const auto facts = facts_of(process)) all.push_back(*facts);
  }
  return all;
}

/// "0.20 0.18 0.12 1/80 11206": those at work, all, and the newest process.
std::uint64_t threads_of_all() {
  const Beginning load{"/proc/loadavg"};
  const std::size_t slash = load.text.find('/');
  if (slash == std::string_view::npos) return 0;
  const std::string_view rest = load.text.substr(slash + 1);
  return number_in<std::uint64_t>(rest.substr(0, rest.find(' ')));
}

}  // namespace leeward
