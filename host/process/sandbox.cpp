#include "host/process/sandbox.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <thread>
#include <unistd.h>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "host/process/family_keeper.hpp"
#include "host/process/landlock.hpp"
#include "host/process/seccomp_filter.hpp"
#include "host/process/unique_fd.hpp"

namespace leeward {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // their shadow memory alone is terabytes of addresses
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

/// Never above what this process was given.
bool limit(decltype(RLIMIT_DATA) resource, std::uint64_t value) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return false;
  if (now.rlim_max == RLIM_INFINITY || value < now.rlim_max) now.rlim_max = value;
  now.rlim_cur = now.rlim_max;
  return ::setrlimit(resource, &now) == 0;
}

/// RLIMIT_DATA counts what a process may write to and nobody else sees, which is what memory is to people. Memory
/// shared with others only RLIMIT_AS counts, together with all addresses that are only reserved: 64 MiB for each heap
/// of glibc, of which there are eight a core.
bool limit_memory(std::uint64_t bytes) {
  if (bytes == 0 || kSanitized) return true;
  const std::uint64_t heaps = 8 * std::uint64_t{std::max(1u, std::thread::hardware_concurrency())};
  const std::uint64_t reserved = (std::uint64_t{4} << 30) + heaps * (std::uint64_t{64} << 20);
  return limit(RLIMIT_DATA, bytes) && limit(RLIMIT_AS, bytes + reserved);
}

/// A thread's stack counts as memory in full before anything stands on it: with the usual 8 MiB, 2 GiB were gone after
/// 250 threads. Only pages that are used cost any, so this limits no more than recursion.
bool make_stacks_smaller() {
  pthread_attr_t attributes;
  if (::pthread_getattr_default_np(&attributes) != 0) return false;
  constexpr std::size_t kStackBytes = std::size_t{1} << 20;
  const bool made =
      ::pthread_attr_setstacksize(&attributes, kStackBytes) == 0 && ::pthread_setattr_default_np(&attributes) == 0;
  ::pthread_attr_destroy(&attributes);
  return made;
}

std::uint64_t most_processes(const SandboxLimits& limits) {
  if (limits.processes) return *limits.processes;
  constexpr std::uint64_t kMost = 16384;  // half of the numbers that a kernel has for processes, unless it was told
  rlimit now{};
  const bool limited = ::getrlimit(RLIMIT_NPROC, &now) == 0 && now.rlim_max != RLIM_INFINITY;
  return limited ? std::min<std::uint64_t>(now.rlim_max / 2, kMost) : kMost;
}

/// Memory is limited for each process; what they take together is everybody's. When there is none left, the kernel ends
/// these before it ends others, as nobody may take back without a privilege, nor where /proc is not to be written to.
void be_first_to_go(SandboxGaps& gaps) {
  const UniqueFd file{::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)};
  if (!file || ::write(file.get(), "1000", 4) != 4)
    gaps.emplace_back(
        "there is no /proc/self/oom_score_adj: when memory runs out the host may be ended for the plugin");
}

Status set_limits(const SandboxLimits& limits) {
  if (limits.memory_bytes != 0 && !kSanitized && !make_stacks_smaller()) return not_confined("smaller stacks");
  if (!limit_memory(limits.memory_bytes)) return not_confined("a limit on memory");
  if (!limit(RLIMIT_CORE, 0)) return not_confined("no core dumps");
  if (!limit(RLIMIT_NOFILE, limits.files)) return not_confined("a limit on open files");
  if (limits.file_bytes != 0 && !limit(RLIMIT_FSIZE, limits.file_bytes))
    return not_confined("a limit on the size of files");
  if (most_processes(limits) != 0 && !limit(RLIMIT_NPROC, most_processes(limits)))
    return not_confined("a limit on processes");
  return done();
}

/// A host that root runs would else hand on what root may: the permission to look into any process is enough to read
/// the host's environment, landlock or not. Nobody regains one: the bounding set goes first.
Status drop_capabilities() {
  for (unsigned long capability = 0; capability < 64; ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno == EINVAL) break;  // the kernel has no more of them
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capset, &header, none) != 0) return not_confined("no capabilities");
  return done();
}

}  // namespace

Error not_confined(const std::string& what) {
  return {"sandbox.failed", "cannot confine this process: " + what + ": " + std::strerror(errno)};
}

SandboxGaps sandbox_gaps() {
  SandboxGaps gaps;
  add_landlock_gaps(gaps);
  add_seccomp_gaps(gaps);
  return gaps;
}

void keep_onlookers_out() {
  if (!kSanitized) ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // a sanitizer looks for leaks as a tracer
}

Result<SandboxGaps> confine(const SandboxLimits& limits) {
  SandboxGaps gaps;
  FilterScope scope;
  scope.kernel_guards_signals = landlock_guards_signals();
  be_first_to_go(gaps);  // what may not be looked into may not do this either
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return not_confined("not to be looked into");
  if (Status kept = leave_keeper_behind(scope, ::geteuid() == 0 ? most_processes(limits) : 0); !kept)
    return std::move(kept).error();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return not_confined("no new privileges");
  if (Status set = set_limits(limits); !set) return std::move(set).error();
  if (Status none = drop_capabilities(); !none) return std::move(none).error();
  if (Status files = restrict_files(limits, gaps); !files) return std::move(files).error();
  if (Status calls = restrict_system_calls(limits, scope, gaps); !calls) return std::move(calls).error();
  return gaps;
}

}  // namespace leeward
