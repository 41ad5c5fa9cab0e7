// Landlock by its three system calls. The numbers are those of the kernel's include/uapi/linux/landlock.h, repeated
// here because the header of the build machine may be older than the kernel that the program meets: what a kernel does
// not know it is not asked for, and never is a program refused for being built on an older system.

#include "host/process/landlock.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <iterator>
#include <sstream>
#include <system_error>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "host/process/unique_fd.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

// The same number on every architecture.
constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr unsigned kAskVersion = 1;
constexpr int kRuleOfPath = 1;

struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t network = 0;  ///< since version 4; nothing is asked of it
  std::uint64_t scopes = 0;   ///< since version 6
};
struct [[gnu::packed]] PathRule {
  std::uint64_t allowed = 0;
  std::int32_t fd = -1;
};

constexpr std::uint64_t kExecute = 1u << 0;
constexpr std::uint64_t kWriteFile = 1u << 1;
constexpr std::uint64_t kReadFile = 1u << 2;
constexpr std::uint64_t kReadFolder = 1u << 3;
constexpr std::uint64_t kChangeFolder = ((1u << 13) - 1) & ~(kExecute | kWriteFile | kReadFile | kReadFolder);
constexpr std::uint64_t kMakeDevice = (1u << 6) | (1u << 11);
constexpr std::uint64_t kRefer = 1u << 13;     // version 2: move and link between folders
constexpr std::uint64_t kTruncate = 1u << 14;  // version 3
constexpr std::uint64_t kIoctl = 1u << 15;     // version 5: of devices
constexpr long kGuardsSignals = 6;
constexpr std::uint64_t kScopes = 3;  // since then: abstract sockets, signals

constexpr std::uint64_t kRead = kExecute | kReadFile | kReadFolder;
constexpr std::uint64_t kWrite = kRead | kWriteFile | (kChangeFolder & ~kMakeDevice) | kRefer | kTruncate;
constexpr std::uint64_t kOnlyOfFolders = kReadFolder | kChangeFolder | kRefer;

constexpr const char* kSystemFolders[] = {"/usr",  "/lib", "/lib32", "/lib64",     "/libx32", "/bin",
                                          "/sbin", "/etc", "/opt",   "/nix/store", "/proc",   "/sys"};
constexpr const char* kDevices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};

/// Keys of the machine that only root may read: from a child of root's host the permissions alone would not keep them.
constexpr const char* kMachineKeys[] = {"/etc/shadow",   "/etc/shadow-",     "/etc/gshadow",
                                        "/etc/gshadow-", "/etc/ssl/private", "/etc/ssh"};

std::uint64_t handled_by(long version) {
  std::uint64_t all = kRead | kWriteFile | kChangeFolder;
  if (version >= 2) all |= kRefer;
  if (version >= 3) all |= kTruncate;
  if (version >= 5) all |= kIoctl;
  return all;
}

/// True if `path` is `folder` or lies in it. Both canonical.
bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto [at, end] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return at == folder.end();
}

/// Rules only ever add: what is hidden inside a folder that is granted is kept out by granting its neighbours instead.
class Rules {
 public:
  Rules(int ruleset, std::uint64_t handled, const std::vector<fs::path>& hidden)
      : ruleset_(ruleset), handled_(handled) {
    std::error_code ignored;
    for (const fs::path& path : hidden) hidden_.push_back(fs::weakly_canonical(path, ignored));
    if (::geteuid() == 0) hidden_.insert(hidden_.end(), std::begin(kMachineKeys), std::end(kMachineKeys));
  }

  /// False, and errno, if the kernel does not take it. What is not there is passed over.
  [[nodiscard]] bool grant(const fs::path& path, std::uint64_t access) const {
    std::error_code missing;
    const fs::path real = fs::canonical(path, missing);
    return missing || grant_around_hidden(real, access);
  }

 private:
  [[nodiscard]] bool grant_around_hidden(const fs::path& path, std::uint64_t access) const {
    const auto is_inside = [&](const fs::path& hidden) { return lies_in(path, hidden); };
    if (std::any_of(hidden_.begin(), hidden_.end(), is_inside)) return true;
    const auto holds = [&](const fs::path& hidden) { return lies_in(hidden, path); };
    if (std::none_of(hidden_.begin(), hidden_.end(), holds)) return add(path, access);
    std::error_code unreadable;
    for (const fs::directory_entry& entry : fs::directory_iterator{path, unreadable}) {
      if (!entry.is_symlink(unreadable) && !grant_around_hidden(entry.path(), access)) return false;
    }
    return true;
  }

  [[nodiscard]] bool add(const fs::path& path, std::uint64_t access) const {
    const UniqueFd place{::open(path.c_str(), O_PATH | O_CLOEXEC)};
    struct stat status {};
    if (!place || ::fstat(place.get(), &status) != 0) return true;
    if (!S_ISDIR(status.st_mode)) access &= ~kOnlyOfFolders;
    const PathRule rule{access & handled_, place.get()};
    return ::syscall(kAddRule, ruleset_, kRuleOfPath, &rule, 0) == 0;
  }

  int ruleset_;
  std::uint64_t handled_;
  std::vector<fs::path> hidden_;
};

long landlock_version() { return ::syscall(kCreateRuleset, nullptr, 0, kAskVersion); }

/// Where this process's own user has told the linker to look.
std::vector<fs::path> library_folders() {
  const char* value = std::getenv("LD_LIBRARY_PATH");
  std::vector<fs::path> folders;
  std::stringstream list{value == nullptr ? "" : value};
  for (std::string folder; std::getline(list, folder, ':');) {
    if (folder.starts_with('/')) folders.emplace_back(folder);
  }
  return folders;
}

bool grant_all(const Rules& rules, const SandboxLimits& limits) {
  bool taken = true;
  for (const char* folder : kSystemFolders) taken = taken && rules.grant(folder, kRead);
  for (const char* device : kDevices) taken = taken && rules.grant(device, kReadFile | kWriteFile | kTruncate);
  taken = taken && rules.grant("/etc/resolv.conf", kReadFile);  // often a link to a place outside of /etc
  for (const fs::path& folder : library_folders()) taken = taken && rules.grant(folder, kRead);
  for (const fs::path& path : limits.read) taken = taken && rules.grant(path, kRead);
  for (const fs::path& path : limits.write) taken = taken && rules.grant(path, kWrite);
  return taken;
}

}  // namespace

void add_landlock_gaps(SandboxGaps& gaps) {
  const long version = landlock_version();
  if (version < 1) {
    gaps.emplace_back("the kernel has no landlock: files are guarded by their permissions alone");
    return;
  }
  if (version < 3) gaps.emplace_back("the kernel's landlock is older than version 3: files may be cut short");
  if (version < kGuardsSignals) {
    gaps.emplace_back(
        "the kernel's landlock is older than version 6: processes of its user, other than the host's, may be "
        "signalled");
  }
}

Status restrict_files(const SandboxLimits& limits, SandboxGaps& gaps) {
  add_landlock_gaps(gaps);
  const long version = landlock_version();
  if (version < 1) return done();
  const Ruleset wanted{handled_by(version), 0, version >= kGuardsSignals ? kScopes : 0};
  const UniqueFd ruleset{static_cast<int>(::syscall(kCreateRuleset, &wanted, sizeof wanted, 0))};
  if (!ruleset) return not_confined("landlock");
  if (!grant_all(Rules{ruleset.get(), wanted.files, limits.hidden}, limits)) return not_confined("landlock");
  if (::syscall(kRestrictSelf, ruleset.get(), 0) != 0) return not_confined("landlock");
  return done();
}

bool landlock_guards_signals() { return landlock_version() >= kGuardsSignals; }

}  // namespace leeward
