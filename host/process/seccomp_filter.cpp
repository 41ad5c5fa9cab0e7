// A list of refused system calls, as a program of the kernel's packet filter (seccomp(2), linux/seccomp.h; no library).
//
// A list of allowed ones would be stronger, and would break plugins with every new libc: what strangers' code needs is
// not ours to know. What is refused serves to look into other processes, to rule the machine, to leave the sandbox by a
// side door, or to reach parts of the kernel that had many holes and that plugins have no use for. A refused call fails
// with EPERM; clone3 with ENOSYS, whose flags no filter can see: then libc takes clone. Numbers come from
// sys/syscall.h; a call that it does not know is left out, as the kernel of its time does not have it either.
//
// Of signals: kill() takes the number of any thread for its process, and those of the host's threads nobody knows
// beforehand. So a list of numbers that kill() may not name guards nothing: where landlock does not keep signals in,
// the only ones that kill() may name are this process and its group. What is left is tgkill(), which wants a process's
// own number: with that the host's can be refused, and children still be ended.

#include "host/process/seccomp_filter.hpp"

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

namespace leeward {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_RISCV64;
#else
#error "name this machine's audit architecture"
#endif

constexpr int kRefused[] = {
    // into other processes
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_tkill,
    SYS_process_madvise,
    SYS_pidfd_getfd,
    // file systems, and names of files that no rule about paths sees
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_quotactl,
    SYS_fanotify_init,
    SYS_swapon,
    SYS_swapoff,
    SYS_mknodat,
    // memory that no limit counts: files that are nowhere, and what outlives its maker
    SYS_memfd_create,
    SYS_shmget,
    // other worlds
    SYS_unshare,
    SYS_setns,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    // the kernel and the machine
    SYS_bpf,
    SYS_kexec_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_reboot,
    SYS_acct,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_lookup_dcookie,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_quotactl_fd
    SYS_quotactl_fd,
#endif
#ifdef SYS_mknod
    SYS_mknod,
#endif
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
#endif
};

/// Refused if (argument & mask) == value. Only the lower half of an argument is looked at: all of these are int or
/// unsigned in the kernel.
struct ArgumentRule {
  int call;
  unsigned argument;
  std::uint32_t mask;
  std::uint32_t value;
};

constexpr std::uint32_t kWhole = 0xffffffffu;

constexpr ArgumentRule kRefusedArguments[] = {
    // What confine() has set stays.
    {SYS_prctl, 0, kWhole, PR_SET_PDEATHSIG},
    {SYS_prctl, 0, kWhole, PR_SET_DUMPABLE},
    {SYS_socket, 0, kWhole, AF_PACKET},
    // Signals that the kernel sends on behalf of a file.
    {SYS_fcntl, 1, kWhole, F_SETOWN},
    {SYS_fcntl, 1, kWhole, F_SETOWN_EX},
    {SYS_ioctl, 1, kWhole, FIOSETOWN},
    {SYS_ioctl, 1, kWhole, SIOCSPGRP},
    // Everybody at once.
    {SYS_kill, 0, kWhole, 0u - 1},
};

std::vector<ArgumentRule> rules_that_guard(pid_t process) {
  const auto number = static_cast<std::uint32_t>(process);
  return {{SYS_kill, 0, kWhole, number},
          {SYS_kill, 0, kWhole, 0u - number},
          {SYS_tgkill, 0, kWhole, number},
          {SYS_rt_sigqueueinfo, 0, kWhole, number},
          {SYS_rt_tgsigqueueinfo, 0, kWhole, number},
          {SYS_pidfd_open, 0, kWhole, number}};
}

constexpr std::uint32_t kWorlds =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

/// Builds the program, one instruction after the other. Between rules the accumulator holds the call's number.
class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    jump(BPF_JEQ, kArchitecture, 1, 0);
    answer(SECCOMP_RET_KILL_PROCESS);
    load_number();
#if defined(__x86_64__)
    constexpr std::uint32_t kX32 = 0x40000000;  // the same calls by other numbers
    jump(BPF_JGE, kX32, 0, 1);
    answer(SECCOMP_RET_ERRNO | ENOSYS);
#endif
  }
  void refuse(int call, int error = EPERM) {
    jump(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 1);
    answer(SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error));
  }
  void refuse(const ArgumentRule& rule) {
    jump(BPF_JEQ, static_cast<std::uint32_t>(rule.call), 0, 5);
    load_argument(rule.argument);
    code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule.mask));
    jump(BPF_JEQ, rule.value, 0, 1);
    answer(SECCOMP_RET_ERRNO | EPERM);
    load_number();
  }
  void allow_only(int call, const std::vector<std::uint32_t>& first_arguments) {
    const auto values = static_cast<int>(first_arguments.size());
    jump(BPF_JEQ, static_cast<std::uint32_t>(call), 0, values + 3);
    load_argument(0);
    for (int i = 0; i < values; ++i) jump(BPF_JEQ, first_arguments[static_cast<std::size_t>(i)], values - i, 0);
    answer(SECCOMP_RET_ERRNO | EPERM);
    load_number();
  }
  void refuse_any_bit(int call, unsigned argument, std::uint32_t bits) {
    jump(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 4);
    load_argument(argument);
    jump(BPF_JSET, bits, 0, 1);
    answer(SECCOMP_RET_ERRNO | EPERM);
    load_number();
  }
  [[nodiscard]] sock_fprog finish() {
    answer(SECCOMP_RET_ALLOW);
    return {static_cast<unsigned short>(code_.size()), code_.data()};
  }

 private:
  void load(std::size_t offset) {
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }
  void load_number() { load(offsetof(seccomp_data, nr)); }
  void load_argument(unsigned argument) {  // its lower half: every machine named above puts that first
    load(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t));
  }
  void jump(int condition, std::uint32_t value, int if_true, int if_false) {
    code_.push_back(BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | condition | BPF_K), value,
                             static_cast<std::uint8_t>(if_true), static_cast<std::uint8_t>(if_false)));
  }
  void answer(std::uint32_t action) { code_.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }

  std::vector<sock_filter> code_;
};

void keep_signals_in(Filter& filter, const FilterScope& scope) {
  for (const pid_t process : scope.guarded) {
    for (const ArgumentRule& rule : rules_that_guard(process)) filter.refuse(rule);
  }
  if (scope.kernel_guards_signals) return;
  const auto itself = static_cast<std::uint32_t>(::getpid());
  filter.allow_only(SYS_kill, {0, itself});
  filter.allow_only(SYS_rt_sigqueueinfo, {itself});
  filter.refuse(SYS_pidfd_send_signal);  // a folder of /proc serves as a handle
}

}  // namespace

void add_seccomp_gaps(SandboxGaps& gaps) {
  // A kernel that has filters looks for this one where there is none (EFAULT), and another does not know the mode.
  const bool has_filters = ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr, 0, 0) == 0 || errno == EFAULT;
  if (!has_filters) gaps.emplace_back("the kernel has no seccomp filters: no system call is refused");
}

Status restrict_system_calls(const SandboxLimits& limits, const FilterScope& scope, SandboxGaps& gaps) {
  const std::size_t before = gaps.size();
  add_seccomp_gaps(gaps);
  if (gaps.size() > before) return done();
  Filter filter;
  for (const int call : kRefused) filter.refuse(call);
  filter.refuse(SYS_clone3, ENOSYS);
  filter.refuse_any_bit(SYS_clone, 0, kWorlds);
  for (const ArgumentRule& rule : kRefusedArguments) filter.refuse(rule);
  if (!limits.local_sockets) filter.refuse(ArgumentRule{SYS_socket, 0, kWhole, AF_UNIX});
  filter.allow_only(SYS_prlimit64, {0, static_cast<std::uint32_t>(::getpid())});  // also by the number of a thread
  keep_signals_in(filter, scope);
  const sock_fprog program = filter.finish();
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0) return done();
  return not_confined("seccomp");
}

}  // namespace leeward
