#pragma once

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

#include "posix_family.hpp"
#include "posix_fd.hpp"

namespace bash_plugin {

/// A program to start. Nothing in it is interpreted by anyone but the program.
struct Command {
  std::string program;                   ///< looked up in PATH
  std::vector<std::string> arguments;    ///< the first is the program's name for itself
  std::vector<std::string> environment;  ///< all of it, as NAME=value
  std::string directory;
};

/// How a program ended.
struct ExitStatus {
  int code = 0;    ///< what it returned, if signal is 0
  int signal = 0;  ///< what killed it
};

/// The environment of this process, by name.
[[nodiscard]] std::map<std::string, std::string> inherited_environment();

/// "SIGTERM"
[[nodiscard]] std::string signal_name(int signal);

/// A running program: the leader of a session of its own, with nothing open but its input (empty), output and error
/// output, and with the signal handling of a fresh login. The owner keeps it on one thread.
///
/// The program stays a zombie after its end until wait(): only so can its family be signalled without the danger of
/// hitting a stranger that got the same number.
class PosixProcess {
 public:
  /// Throws std::system_error.
  explicit PosixProcess(const Command& command);
  PosixProcess(const PosixProcess&) = delete;
  PosixProcess& operator=(const PosixProcess&) = delete;
  /// Kills the family of a program that was not waited for.
  ~PosixProcess();

  /// REQUIRES: wait() was not called.
  [[nodiscard]] const Family& family() const { return family_; }
  /// Readable once the program has ended.
  [[nodiscard]] int exit_fd() const { return exit_.get(); }
  /// What it writes. Non-blocking. The caller may close them.
  [[nodiscard]] UniqueFd& output() { return output_; }
  [[nodiscard]] UniqueFd& error_output() { return error_output_; }

  /// Waits for the end. Throws std::system_error if the status was lost. REQUIRES: called once.
  ExitStatus wait();

 private:
  Family family_;
  UniqueFd exit_;
  UniqueFd output_;
  UniqueFd error_output_;
};

}  // namespace bash_plugin
