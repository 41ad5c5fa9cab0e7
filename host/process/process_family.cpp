#include "host/process/process_family.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <random>
#include <string_view>

#include <sys/syscall.h>

#include "host/process/unique_fd.hpp"

namespace leeward {
namespace {

constexpr std::string_view kMarkVariable = "LEEWARD_FAMILY_MARK=";

template <class Number>
Number number_in(std::string_view text) {
  Number number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size() ? number : 0;
}

/// A file of /proc, which knows its size only when it is read. Empty if it may not be.
std::string content_of(pid_t process, const char* name) {
  constexpr std::size_t kLimit = std::size_t{4} << 20;  // more than an environment can be
  const UniqueFd file{::open(("/proc/" + std::to_string(process) + "/" + name).c_str(), O_RDONLY | O_CLOEXEC)};
  std::string content;
  char piece[4096];
  while (file && content.size() < kLimit) {
    const ssize_t size = ::read(file.get(), piece, sizeof piece);
    if (size <= 0) break;
    content.append(piece, static_cast<std::size_t>(size));
  }
  return content;
}

struct ProcessFacts {
  bool alive = false;
  pid_t session = 0;
  std::uint64_t started = 0;  ///< ticks since the machine's start
};

/// Of "/proc/N/stat" only what follows the name in parentheses is split at spaces: a program chooses its own name.
std::optional<ProcessFacts> facts_of(pid_t process) {
  const std::string content = content_of(process, "stat");
  const std::size_t name_end = content.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= content.size()) return std::nullopt;
  std::string_view rest = std::string_view(content).substr(name_end + 2);
  ProcessFacts facts;
  facts.alive = rest[0] != 'Z' && rest[0] != 'X';
  constexpr int kSession = 3;  // counted from the state
  constexpr int kStarted = 19;
  for (int field = 0; field <= kStarted; ++field) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    if (field == kSession) facts.session = number_in<pid_t>(rest.substr(0, space));
    if (field == kStarted) facts.started = number_in<std::uint64_t>(rest.substr(0, space));
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return facts;
}

/// Who is older than the leader needs no closer look: nobody is given a mark later.
bool is_follower(pid_t process, const ProcessFamily& family, std::uint64_t leader_started) {
  const auto facts = facts_of(process);
  if (!facts || !facts->alive || process == family.leader) return false;
  if (facts->session == family.leader) return true;
  return facts->started >= leader_started && content_of(process, "environ").find(family.mark) != std::string::npos;
}

/// Calls visit(pid, leader's start) for each follower, until it answers false.
template <class Visit>
void for_each_follower(const ProcessFamily& family, Visit visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> proc{::opendir("/proc"), &::closedir};
  const auto leader = facts_of(family.leader);
  if (!proc || !leader) return;
  while (const dirent* entry = ::readdir(proc.get())) {
    const auto process = number_in<pid_t>(entry->d_name);
    if (process > 0 && is_follower(process, family, leader->started) && !visit(process, leader->started)) return;
  }
}

/// A number that was listed may belong to another process by now. The descriptor holds on to one process, so looking at
/// it once more makes sure that the signal goes where it should.
void signal_follower(pid_t process, const ProcessFamily& family, std::uint64_t leader_started, int signal) {
  const UniqueFd held{static_cast<int>(::syscall(SYS_pidfd_open, process, 0))};
  if (!held || !is_follower(process, family, leader_started)) return;
  static_cast<void>(::syscall(SYS_pidfd_send_signal, held.get(), signal, nullptr, 0));
}

}  // namespace

std::string add_new_mark(std::vector<std::string>& environment) {
  constexpr char kHex[] = "0123456789abcdef";
  std::random_device random;
  std::string mark = "lw";
  for (int i = 0; i < 4; ++i) {
    for (std::uint32_t bits = random(), digit = 0; digit < 8; ++digit, bits >>= 4) mark += kHex[bits & 15u];
  }
  const auto marked = std::find_if(environment.begin(), environment.end(),
                                   [](const std::string& entry) { return entry.starts_with(kMarkVariable); });
  if (marked == environment.end()) {
    environment.push_back(std::string{kMarkVariable} + mark);
  } else {
    *marked += ":" + mark;
  }
  return mark;
}

void signal_family(const ProcessFamily& family, int signal) {
  static_cast<void>(::kill(-family.leader, signal));
  for_each_follower(family, [&](pid_t process, std::uint64_t leader_started) {
    // The group of the leader has its signal already; asking for the group again only narrows what is sent twice.
    if (::getpgid(process) != family.leader) signal_follower(process, family, leader_started, signal);
    return true;
  });
}

bool has_followers(const ProcessFamily& family) {
  bool found = false;
  for_each_follower(family, [&](pid_t, std::uint64_t) { return !(found = true); });
  return found;
}

}  // namespace leeward
