#pragma once

#include <iosfwd>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "host/cli/options.hpp"

namespace leeward {

/// What the program returns to whoever started it (design: the command line).
enum ExitStatus : int {
  kSuccess = 0,
  kRunFailed = 1,
  kBadInput = 2,    ///< bad input or usage
  kHostFailed = 3,  ///< the host itself could not go on
  kInterrupted = 130,
};

/// What a verb works with: never the process's globals, so that tests can run one.
struct Invocation {
  Arguments arguments;
  std::map<std::string, std::string> environment;
  std::ostream& out;  ///< data
  std::ostream& err;  ///< messages and progress
};

/// One verb of the command line. The table of these yields dispatch and help.
struct Verb {
  const char* name;      ///< "run", "plugins list"
  const char* operands;  ///< "DAG.json", as help shows it
  const char* summary;
  const char* details;  ///< a paragraph for the verb's own help, or ""
  std::span<const OptionSpec> options;
  int (*run)(const Invocation&);
  bool hidden = false;  ///< for processes that this program starts itself: no help names it
};

/// All of them, in the order of help.
[[nodiscard]] std::span<const Verb> verbs();

/// Runs `leeward` with the words after the program's name; the answer is the exit status. Catches everything.
[[nodiscard]] int run_program(const std::vector<std::string>& words,
                              const std::map<std::string, std::string>& environment, std::ostream& out,
                              std::ostream& err);

/// Prints "leeward: message" and answers kBadInput: how a verb refuses its command line.
[[nodiscard]] int bad_usage(const Invocation& invocation, const std::string& message);

int command_run(const Invocation& invocation);
int command_validate(const Invocation& invocation);
int command_plugins_list(const Invocation& invocation);
int command_plugins_inspect(const Invocation& invocation);
int command_plugins_check(const Invocation& invocation);
int command_plugins_trust(const Invocation& invocation);
int command_runs_list(const Invocation& invocation);
int command_runs_show(const Invocation& invocation);
int command_runs_logs(const Invocation& invocation);
int command_runs_resume(const Invocation& invocation);
int command_runs_cancel(const Invocation& invocation);
int command_runs_clear(const Invocation& invocation);
int command_runs_waiting(const Invocation& invocation);
int command_runs_answer(const Invocation& invocation);
int command_probe(const Invocation& invocation);
int command_fsck(const Invocation& invocation);
int command_runner(const Invocation& invocation);
int command_mock_llm(const Invocation& invocation);
int command_version(const Invocation& invocation);

}  // namespace leeward
