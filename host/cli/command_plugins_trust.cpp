#include <ostream>
#include <utility>

#include "host/cli/common.hpp"
#include "host/cli/strangers.hpp"
#include "host/observe/printable.hpp"
#include "host/plugin/state_file.hpp"

namespace leeward {
namespace {

struct Trusted {
  std::filesystem::path file;
  PluginLock::Entry entry;
};

/// All that the operands name, or every reason why one cannot be trusted.
std::vector<Trusted> look_at(const Strangers& strangers, const std::vector<std::string>& operands, Errors& errors) {
  std::vector<Trusted> trusted;
  for (const std::string& operand : operands) {
    const auto file = stranger_named(strangers, operand);
    if (!file) {
      errors.push_back(file.error());
      continue;
    }
    const auto admitted = strangers.guard->admit(*file);
    if (!admitted) {
      errors.push_back(admitted.error());
      continue;
    }
    trusted.push_back({*file, PluginLock::entry_of(admitted->manifest, admitted->sha256, *file)});
  }
  return trusted;
}

/// Adds the entries to what is there now; another process may have trusted something meanwhile.
Status write_down(const std::filesystem::path& home, std::vector<Trusted> trusted, std::ostream& out) {
  const StateFolderLock alone{home};
  Result<PluginLock> lock = PluginLock::read(home / "plugins.lock");
  if (!lock) return std::move(lock).error();
  std::string report;
  for (Trusted& one : trusted) {
    const std::string name = one.entry.name;
    report += printable(name + "  " + one.file.string() + ": " + lock->trust(std::move(one.entry))) + "\n";
  }
  if (Status written = lock->write(home / "plugins.lock"); !written) return written;
  out << report;
  return done();
}

}  // namespace

int command_plugins_trust(const Invocation& invocation) {
  const std::vector<std::string>& operands = invocation.arguments.files;
  if (operands.empty())
    return bad_usage(invocation, "plugins trust takes one or more FILEs or NAMEs (leeward plugins trust --help)");
  int status = kBadInput;
  const auto strangers = strangers_of(invocation, status);
  if (!strangers) return status;
  Errors errors;
  std::vector<Trusted> trusted = look_at(*strangers, operands, errors);
  if (!errors.empty()) {
    print_errors(invocation, errors);
    invocation.err << "leeward: nothing was trusted\n";
    return kBadInput;
  }
  if (const Status written = write_down(strangers->settings.home, std::move(trusted), invocation.out); !written) {
    print_errors(invocation, {written.error()});
    return kHostFailed;
  }
  return kSuccess;
}

}  // namespace leeward
