#include "posix_session.hpp"

#include <charconv>
#include <csignal>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>

#include <sys/syscall.h>

#include "posix_fd.hpp"

// Linux: the kernel signals a process group in one call, but a session only /proc can list. Without /proc the group is
// all that is reached.
namespace bash_plugin {
namespace {

pid_t number_in(std::string_view text) {
  pid_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size() ? number : 0;
}

// The session of a process that is alive, 0 for any other. Of "/proc/N/stat" only what follows the name in parentheses
// is split at spaces: a program chooses its own name.
pid_t session_of(pid_t process) {
  const UniqueFd file{::open(("/proc/" + std::to_string(process) + "/stat").c_str(), O_RDONLY | O_CLOEXEC)};
  char content[1024];
  const ssize_t size = file.get() < 0 ? -1 : ::read(file.get(), content, sizeof content);
  if (size <= 0) return 0;
  std::string_view rest{content, static_cast<std::size_t>(size)};
  const std::size_t name_end = rest.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= rest.size()) return 0;
  rest.remove_prefix(name_end + 2);
  if (rest[0] == 'Z' || rest[0] == 'X') return 0;
  for (int field = 0; field < 3; ++field) {  // state, parent, group
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return 0;
    rest.remove_prefix(space + 1);
  }
  return number_in(rest.substr(0, rest.find(' ')));
}

// Calls visit(pid) for each living process of the session but its leader, until it answers false.
template <class Visit>
void for_each_follower(pid_t leader, Visit visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> proc{::opendir("/proc"), &::closedir};
  if (!proc) return;
  while (const dirent* entry = ::readdir(proc.get())) {
    const pid_t process = number_in(entry->d_name);
    if (process > 0 && process != leader && session_of(process) == leader && !visit(process)) return;
  }
}

// A number that was listed may belong to another process by now. The descriptor holds on to one process, so asking for
// its session once more makes sure that the signal goes where it should.
void signal_follower(pid_t process, pid_t leader, int signal) {
  const UniqueFd held{static_cast<int>(::syscall(SYS_pidfd_open, process, 0))};
  if (held.get() < 0 || session_of(process) != leader) return;
  (void)::syscall(SYS_pidfd_send_signal, held.get(), signal, nullptr, 0);
}

}  // namespace

void signal_session(pid_t leader, int signal) {
  (void)::kill(-leader, signal);
  for_each_follower(leader, [&](pid_t process) {
    // The group of the leader has its signal already; asking for the group again only narrows what is sent twice.
    if (::getpgid(process) != leader) signal_follower(process, leader, signal);
    return true;
  });
}

bool session_has_followers(pid_t leader) {
  bool found = false;
  for_each_follower(leader, [&](pid_t) { return !(found = true); });
  return found;
}

}  // namespace bash_plugin
