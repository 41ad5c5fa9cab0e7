#include "host/process/sandbox.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <sched.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/support/sanitized.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

constexpr int kNotConfined = 100;
constexpr int kLacking = 101;

/// Calls it in a process of its own that has confined itself; what it returns (0 to 99). kLacking: the kernel has not
/// all of the sandbox.
int confined(const SandboxLimits& limits, const std::function<int()>& what) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto gaps = confine(limits);
    ::_exit(!gaps ? kNotConfined : !gaps->empty() ? kLacking : what());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Errno of opening, 0 if it can be.
int open_fault(const std::filesystem::path& path, int flags = O_RDONLY) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  ::close(fd);
  return 0;
}

int fault_of(long answer) { return answer < 0 ? errno : 0; }

bool kernel_has_all() {
  return confined({}, [] { return 0; }) != kLacking;
}

#define SKIP_WITHOUT_SANDBOX()                                             \
  if (!kernel_has_all()) {                                                 \
    WARN("SKIP: this kernel has no landlock of version 6, or no seccomp"); \
    return;                                                                \
  }

}  // namespace

TEST_CASE("What the kernel lacks is known without confining anybody", "[host][process]") {
  const SandboxGaps foretold = sandbox_gaps();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto gaps = confine({});
    const auto is_told = [&](const std::string& gap) { return std::count(gaps->begin(), gaps->end(), gap) == 1; };
    ::_exit(gaps && std::all_of(foretold.begin(), foretold.end(), is_told) ? 7 : 8);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(open_fault("/etc/passwd") == 0);
}

TEST_CASE("A host that keeps onlookers out is looked into by nobody of its user", "[host][process]") {
  if (kSanitized) {
    WARN("SKIP: a sanitizer looks into its process itself");
    return;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    keep_onlookers_out();
    ::_exit(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 7 : 8);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("A confined process reads the system's files and writes none of them", "[host][process]") {
  SKIP_WITHOUT_SANDBOX();
  CHECK(confined({}, [] { return open_fault("/etc/passwd"); }) == 0);
  CHECK(confined({}, [] { return open_fault("/etc/ssl/certs"); }) == open_fault("/etc/ssl/certs"));
  CHECK(confined({}, [] { return open_fault("/etc/shadow"); }) == EACCES);  // also of root
  CHECK(confined({}, [] { return open_fault("/usr/leeward-test", O_WRONLY | O_CREAT); }) == EACCES);
  CHECK(confined({}, [] { return open_fault("/dev/null", O_RDWR); }) == 0);
  CHECK(confined({}, [] { return open_fault("/dev/urandom"); }) == 0);
}

TEST_CASE("A confined process reaches other folders only as it was granted", "[host][process]") {
  SKIP_WITHOUT_SANDBOX();
  const TempDir dir;
  dir.write("read/a", "a");
  dir.write("write/b", "b");
  dir.write("other/c", "c");
  SandboxLimits limits;
  limits.read = {dir / "read", dir / "not-there"};
  limits.write = {dir / "write"};
  const auto fault = [&](const char* name, int flags) {
    return confined(limits, [&] { return open_fault(dir / name, flags); });
  };
  CHECK(fault("read/a", O_RDONLY) == 0);
  CHECK(fault("read/a", O_WRONLY) == EACCES);
  CHECK(fault("read/new", O_WRONLY | O_CREAT) == EACCES);
  CHECK(fault("write/b", O_RDWR | O_TRUNC) == 0);
  CHECK(fault("write/new", O_WRONLY | O_CREAT) == 0);
  CHECK(fault("other/c", O_RDONLY) == EACCES);
  CHECK(confined(limits, [&] { return fault_of(::truncate((dir / "other/c").c_str(), 0)); }) == EACCES);
  CHECK(confined(limits, [&] { return fault_of(::unlink((dir / "read/a").c_str())); }) == EACCES);
}

TEST_CASE("A confined process finds libraries where its user told the linker to look", "[host][process]") {
  SKIP_WITHOUT_SANDBOX();
  const TempDir dir;
  dir.write("lib/libx.so", "x");
  ::setenv("LD_LIBRARY_PATH", ("relative::" + (dir / "lib").string()).c_str(), 1);
  CHECK(confined({}, [&] { return open_fault(dir / "lib/libx.so"); }) == 0);
  ::unsetenv("LD_LIBRARY_PATH");
  CHECK(confined({}, [&] { return open_fault(dir / "lib/libx.so"); }) == EACCES);
}

TEST_CASE("What is hidden stays out of reach inside a folder that was granted", "[host][process]") {
  SKIP_WITHOUT_SANDBOX();
  const TempDir dir;
  dir.write("data/a", "a");
  dir.write("data/deep/b", "b");
  dir.write("data/deep/home/leeward.db", "secret");
  dir.write("data/key", "secret");
  std::filesystem::create_symlink(dir / "data/deep/home", dir / "data/link");
  SandboxLimits limits;
  limits.write = {dir / "data"};
  limits.hidden = {dir / "data/deep/home", dir / "data/key"};
  const auto fault = [&](const char* name) { return confined(limits, [&] { return open_fault(dir / name); }); };
  CHECK(fault("data/a") == 0);
  CHECK(fault("data/deep/b") == 0);
  CHECK(fault("data/deep/home/leeward.db") == EACCES);
  CHECK(fault("data/link/leeward.db") == EACCES);
  CHECK(fault("data/key") == EACCES);
  SandboxLimits whole;
  whole.read = {dir / "data/deep/home"};
  whole.hidden = {dir.path()};
  CHECK(confined(whole, [&] { return open_fault(dir / "data/deep/home/leeward.db"); }) == EACCES);
}

TEST_CASE("A confined process sees and signals nobody else", "[host][process]") {
  SKIP_WITHOUT_SANDBOX();
  const pid_t parent = ::getpid();
  CHECK(confined({}, [&] { return fault_of(::kill(parent, SIGCONT)); }) == EPERM);
  CHECK(confined({}, [&] { return fault_of(::kill(1, SIGCONT)); }) == EPERM);
  CHECK(confined({}, [&] { return fault_of(::kill(::getpid(), SIGCONT)); }) == 0);
  CHECK(confined({}, [&] { return fault_of(::ptrace(PTRACE_ATTACH, parent, nullptr, nullptr)); }) == EPERM);
  const std::string environment = "/proc/" + std::to_string(parent) + "/environ";
  CHECK(confined({}, [&] { return open_fault(environment); }) == EACCES);
  CHECK(confined({}, [&] { return open_fault("/proc/" + std::to_string(parent) + "/mem", O_RDWR); }) == EACCES);
  CHECK(confined({}, [&] {
          rlimit none{0, 0};
          return fault_of(::prlimit(parent, RLIMIT_NOFILE, nullptr, &none));
        }) == EPERM);
}

TEST_CASE("A confined process makes no Unix sockets unless it was granted, and all others", "[host][process]") {
  SKIP_WITHOUT_SANDBOX();
  const auto fault = [](int family, int type) { return fault_of(::socket(family, type, 0)); };
  CHECK(confined({}, [&] { return fault(AF_UNIX, SOCK_STREAM); }) == EPERM);
  CHECK(confined({}, [&] { return fault(AF_INET, SOCK_STREAM); }) == 0);
  CHECK(confined({}, [] {
          int ends[2];
          return fault_of(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
        }) == 0);
  SandboxLimits limits;
  limits.local_sockets = true;
  CHECK(confined(limits, [&] { return fault(AF_UNIX, SOCK_STREAM); }) == 0);
}

TEST_CASE("System calls that lead out of the sandbox are refused", "[host][process]") {
  SKIP_WITHOUT_SANDBOX();
  CHECK(confined({}, [] { return fault_of(::unshare(CLONE_NEWUSER)); }) == EPERM);
  CHECK(confined({}, [] { return fault_of(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }) == EPERM);
  CHECK(confined({}, [] { return fault_of(::syscall(SYS_clone3, nullptr, 0)); }) == ENOSYS);
  for (const long call : {SYS_mount, SYS_bpf, SYS_perf_event_open, SYS_keyctl, SYS_userfaultfd, SYS_io_uring_setup,
                          SYS_process_vm_readv, SYS_kexec_load, SYS_open_by_handle_at, SYS_memfd_create, SYS_shmget}) {
    INFO(call);
    CHECK(confined({}, [&] { return fault_of(::syscall(call, 0, 0, 0, 0, 0)); }) == EPERM);
  }
  CHECK(confined({}, [] { return fault_of(::prctl(PR_SET_DUMPABLE, 1)); }) == EPERM);
  CHECK(confined({}, [] { return fault_of(::prctl(PR_SET_PDEATHSIG, 0)); }) == EPERM);
  CHECK(confined({}, [] { return fault_of(::prctl(PR_SET_NAME, "plugin")); }) == 0);
}

TEST_CASE("A confined process still starts threads and programs", "[host][process]") {
  SKIP_WITHOUT_SANDBOX();
  CHECK(confined({}, [] {
          const pid_t child = ::fork();
          if (child == 0) {
            ::execl("/bin/sh", "sh", "-c", "exit 5", nullptr);
            ::_exit(99);
          }
          int status = 0;
          ::waitpid(child, &status, 0);
          return WEXITSTATUS(status);
        }) == 5);
}

TEST_CASE("A confined process has its limits", "[host][process]") {
  SandboxLimits limits;
  limits.files = 20;
  limits.file_bytes = 1000;
  const auto soft = [&](decltype(RLIMIT_CORE) resource) {
    return confined(limits, [&] {
      rlimit now{};
      ::getrlimit(resource, &now);
      return now.rlim_cur == 0 ? 0 : now.rlim_cur == 20 ? 1 : now.rlim_cur == 1000 ? 2 : 9;
    });
  };
  if (soft(RLIMIT_CORE) == kLacking) return;
  CHECK(soft(RLIMIT_CORE) == 0);
  CHECK(soft(RLIMIT_NOFILE) == 1);
  CHECK(soft(RLIMIT_FSIZE) == 2);
}

TEST_CASE("A confined process gets no more memory than its limit", "[host][process]") {
  if (kSanitized) {
    WARN("SKIP: a sanitizer has shadow memory of its own");
    return;
  }
  SandboxLimits limits;
  limits.memory_bytes = std::uint64_t{256} << 20;
  const auto maps = [&](std::size_t bytes, int kind) {
    return confined(limits, [&] {
      return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
    });
  };
  SKIP_WITHOUT_SANDBOX();
  CHECK(maps(std::size_t{100} << 20, MAP_PRIVATE) == 0);
  CHECK(maps(std::size_t{300} << 20, MAP_PRIVATE) == ENOMEM);
  CHECK(maps(std::size_t{1} << 40, MAP_SHARED) == ENOMEM);
}

TEST_CASE("A confined process starts as many threads as a runner has", "[host][process]") {
  if (kSanitized) {
    WARN("SKIP: a sanitizer has shadow memory of its own");
    return;
  }
  const auto start = [] {
    std::atomic<int> running{0};
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 1000; ++i) {
      threads.emplace_back([&] {
        ++running;
        over.wait(false);
      });
    }
    over = true;
    over.notify_all();
    for (std::thread& thread : threads) thread.join();
    return running == 1000 ? 0 : 1;
  };
  SKIP_WITHOUT_SANDBOX();
  CHECK(confined({}, start) == 0);
}

TEST_CASE("A confined process may have half of the processes that its user may, unless it was told",
          "[host][process]") {
  SKIP_WITHOUT_SANDBOX();
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NPROC, &before) == 0);
  const auto has = [](rlim_t most) {
    return [most] {
      rlimit now{};
      ::getrlimit(RLIMIT_NPROC, &now);
      return now.rlim_cur == most && now.rlim_max == most ? 0 : 1;
    };
  };
  CHECK(confined({}, has(std::min<rlim_t>(before.rlim_max / 2, 16384))) == 0);
  SandboxLimits limits;
  limits.processes = 700;
  CHECK(confined(limits, has(700)) == 0);
  limits.processes = 0;
  CHECK(confined(limits, has(before.rlim_max)) == 0);
}

TEST_CASE("When memory runs out a confined process goes first, and cannot take that back", "[host][process]") {
  SKIP_WITHOUT_SANDBOX();
  CHECK(confined({}, [] {
          std::string value;
          std::ifstream{"/proc/self/oom_score_adj"} >> value;
          return value == "1000" ? open_fault("/proc/self/oom_score_adj", O_WRONLY) : 1;
        }) == EACCES);
}

TEST_CASE("Limits are read from JSON and written so that they read back the same", "[host][process]") {
  Errors errors;
  const auto given = JsonDocument::parse(
      R"({"memory": "512MiB", "file_size": 4096, "files": 64, "processes": 9, "read": ["/data"], "local_sockets": true})");
  const SandboxLimits limits = SandboxLimits::of((*given)->root(), errors);
  CHECK(errors.empty());
  CHECK(limits.memory_bytes == std::uint64_t{512} << 20);
  CHECK(limits.file_bytes == 4096);
  CHECK(limits.files == 64);
  CHECK(limits.processes == 9);
  CHECK(limits.read == std::vector<std::filesystem::path>{"/data"});
  CHECK(limits.local_sockets);
  const auto written = JsonDocument::parse(limits.json());
  REQUIRE(written);
  CHECK(SandboxLimits::of((*written)->root(), errors).json() == limits.json());
  const auto usual = JsonDocument::parse(SandboxLimits{}.json());
  CHECK_FALSE(SandboxLimits::of((*usual)->root(), errors).processes);
}

TEST_CASE("Limits that make no sense are refused, with their place", "[host][process]") {
  for (const char* text :
       {R"({"memory": "2 bananas"})", R"({"memory": -1})", R"({"files": "many"})", R"({"read": "/"})",
        R"({"read": ["relative"]})", R"({"local_sockets": 1})", R"({"memory": "99999999TiB"})"}) {
    INFO(text);
    Errors errors;
    const auto given = JsonDocument::parse(text);
    static_cast<void>(SandboxLimits::of((*given)->root(), errors));
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].code == "config.isolation");
    CHECK_FALSE(errors[0].where.pointer.empty());
  }
}
