#include "host/cli/verb.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <ostream>

#include "core/base/suggestion.hpp"
#include "host/version.hpp"

namespace leeward {
namespace {

constexpr OptionSpec kHelp{"help", nullptr, "show this"};
constexpr OptionSpec kJson{"json", nullptr, "one JSON document on stdout, everything else on stderr"};
constexpr OptionSpec kPlugins{"plugins", "DIR", "load the plugins of this folder too; may be repeated", true};
constexpr OptionSpec kConfig{"config", "FILE",
                             "connections and settings; default $LEEWARD_CONFIG, else HOME/config.json if it exists"};
constexpr OptionSpec kHome{"home", "DIR", "where state is kept; default $LEEWARD_HOME, else ~/.leeward"};
constexpr OptionSpec kLogLevel{"log-level", "LEVEL",
                               "trace, debug, info, warn, error or off; default $LEEWARD_LOG, else info"};

constexpr OptionSpec kLocked{
    "locked", nullptr, "of plugins that did not ship, use only those in HOME/plugins.lock; default $LEEWARD_LOCKED"};

constexpr OptionSpec kRunOptions[] = {
    {"param", "K=V", "a parameter of the DAG: JSON if it is JSON, else text; may be repeated", true},
    {"conf", "FILE", "a JSON object: the run's conf, and values for declared params"},
    {"logical-date", "T", "the run's logical date, RFC 3339 or a date; default now"},
    {"mock-llm", nullptr, "answer every LLM call from a simulation in this process"},
    {"mock-script", "FILE", "what the simulation answers; implies --mock-llm"},
    kJson,
    kPlugins,
    kLocked,
    kConfig,
    kHome,
    kLogLevel,
    kHelp};
constexpr OptionSpec kRunsListOptions[] = {
    {"dag", "ID", "only runs of this DAG"},
    {"state", "STATE", "only those that are queued, running, interrupted, success, failed or canceled"},
    {"limit", "N", "the newest N"},
    kJson,
    kHome,
    kHelp};
constexpr OptionSpec kRunsShowOptions[] = {kJson, kHome, kHelp};
constexpr OptionSpec kLogsOptions[] = {{"try", "N", "only of this try; 0: of the task's callbacks"},
                                       {"map-index", "N", "only of this instance of a mapped task"},
                                       kJson,
                                       kHome,
                                       kHelp};
constexpr OptionSpec kResumeOptions[] = {
    {"all", nullptr, "every run that has not ended and that no process is at"},
    {"mock-llm", nullptr, "answer every LLM call from a simulation in this process"},
    {"mock-script", "FILE", "what the simulation answers; implies --mock-llm"},
    kJson,
    kPlugins,
    kLocked,
    kConfig,
    kHome,
    kLogLevel,
    kHelp};
constexpr OptionSpec kCancelOptions[] = {
    {"mock-llm", nullptr, "answer every LLM call of its teardowns from a simulation in this process"},
    {"mock-script", "FILE", "what the simulation answers; implies --mock-llm"},
    kJson,
    kPlugins,
    kLocked,
    kConfig,
    kHome,
    kLogLevel,
    kHelp};
constexpr OptionSpec kClearOptions[] = {
    {"task", "ID", "clear this task; may be repeated; default all of them", true},
    {"downstream", nullptr, "and all tasks that come after it"},
    {"only-failed", nullptr, "of these, only those that failed, were lost or canceled, or did not run because of that"},
    {"resume", nullptr, "go on with the run at once"},
    {"mock-llm", nullptr, "with --resume: answer every LLM call from a simulation in this process"},
    {"mock-script", "FILE", "what the simulation answers; implies --mock-llm"},
    kJson,
    kPlugins,
    kLocked,
    kConfig,
    kHome,
    kLogLevel,
    kHelp};
constexpr OptionSpec kWaitingOptions[] = {kJson, kHome, kHelp};
constexpr OptionSpec kAnswerOptions[] = {
    {"choose", "OPTION", "an option of those that were offered; may be repeated where several may be chosen", true},
    {"set", "FIELD=VALUE", "fills in a field of the form: JSON if it is JSON, else text; may be repeated", true},
    {"map-index", "N", "which instance of a mapped task"},
    {"as", "USER", "who answers; default the login name of whoever runs this"},
    kJson,
    kHome,
    kHelp};
constexpr OptionSpec kValidateOptions[] = {kJson, kPlugins, kLocked, kConfig, kHome, kLogLevel, kHelp};
constexpr OptionSpec kListOptions[] = {kJson, kPlugins, kLocked, kConfig, kHome, kLogLevel, kHelp};
constexpr OptionSpec kInspectOptions[] = {
    {"schema", nullptr, "the JSON Schema of DAG files, with the parameters of all installed operators in it"},
    kJson,
    kPlugins,
    kLocked,
    kConfig,
    kHome,
    kLogLevel,
    kHelp};
constexpr OptionSpec kCheckOptions[] = {kJson, kPlugins, kConfig, kHome, kHelp};
constexpr OptionSpec kTrustOptions[] = {kPlugins, kConfig, kHome, kHelp};
constexpr OptionSpec kMockOptions[] = {{"listen", "ADDR", "address and port; default 127.0.0.1:0, a free port"},
                                       {"script", "FILE", "scripted answers, as JSON"},
                                       {"latency", "TIME", "how long an answer takes, such as 500ms or 2s"},
                                       {"log", "FILE", "one JSON line a request; \"-\" for stdout"},
                                       kHelp};
constexpr OptionSpec kProbeOptions[] = {{"limits", "JSON", "what the process confines itself to"}, kHelp};
constexpr OptionSpec kFsckOptions[] = {kJson, kHome, kHelp};
constexpr OptionSpec kRunnerOptions[] = {kHelp};
constexpr OptionSpec kVersionOptions[] = {kJson, kHelp};

constexpr Verb kVerbs[] = {
    {"run", "DAG.json", "run a DAG now, with live progress, and print its report",
     "The run is recorded in the home folder as it goes. Ctrl-C, SIGTERM and SIGHUP put it off: nothing new starts, "
     "what "
     "is at work has 10 seconds to end, and `leeward runs resume` goes on with it, as it does after a crash; `leeward "
     "runs "
     "cancel` ends it for good. Exit status: 0 the run succeeded, 1 it failed, 2 bad input or usage, 3 the host could "
     "not "
     "go on, 130 interrupted.",
     kRunOptions, command_run},
    {"runs list", "", "list the runs of this home, the newest first",
     "A run that began, has not ended and has no process any more is shown as interrupted: with --json its state is "
     "running, and \"interrupted\" true.",
     kRunsListOptions, command_runs_list},
    {"runs show", "RUN_ID", "show the report of a run",
     "As it stands, if it has not ended. Needs neither its DAG's file nor the plugins that ran it.", kRunsShowOptions,
     command_runs_show},
    {"runs logs", "RUN_ID [TASK_ID]", "show what the attempts of a run said",
     "Of all its tasks, or of one. With --json the list of the files, which are plain text.", kLogsOptions,
     command_runs_logs},
    {"runs resume", "RUN_ID...|--all", "go on with runs that were interrupted",
     "With the DAG as it was when the run began, whatever became of its file. What is done is not done again; an "
     "attempt "
     "that was at work is started again as the same try. Of one run it behaves like `run`, exit status included; of "
     "several --json prints the list of their reports, and the exit status is the worst.",
     kResumeOptions, command_runs_resume},
    {"runs cancel", "RUN_ID", "end a run for good; its teardowns still run",
     "Where a process is at the run, it is told to, and this returns when that is recorded; a second cancel ends the "
     "teardowns, too. Otherwise this process takes the run up, runs its teardowns, and ends it.",
     kCancelOptions, command_runs_cancel},
    {"runs clear", "RUN_ID", "have tasks of a run run again, as if they never had",
     "For a run that nobody is at, ended or not: with what the DAG was then, what was cleared runs again when the run "
     "is "
     "resumed. A task comes with all its instances, with the setups around it and their teardowns. History stays, and "
     "tries are counted on; it has all its retries again.",
     kClearOptions, command_runs_clear},
    {"runs waiting", "", "list what running processes ask people",
     "Each line names the run and the task, what is asked, and the options.", kWaitingOptions, command_runs_waiting},
    {"runs answer", "RUN_ID TASK_ID", "answer what a task of a running process asks",
     "The answer goes over a socket in the home folder, which only its owner and root can open: who can do that is "
     "trusted with --as. Exit status 2 if the answer is refused.",
     kAnswerOptions, command_runs_answer},
    {"validate", "FILE...", "find every mistake in DAG files; runs nothing",
     "Each mistake comes with file, line, column, JSON pointer and the nearest guess. Exit status 2 if there is one.",
     kValidateOptions, command_validate},
    {"plugins list", "", "list plugins and their operators", "Files that could not be loaded are named on stderr.",
     kListOptions, command_plugins_list},
    {"plugins inspect", "[NAME|FILE]", "show a plugin, an operator or a callable, with its parameters",
     "NAME is an operator, a callable or a plugin; FILE a plugin's library.", kInspectOptions, command_plugins_inspect},
    {"plugins check", "FILE|NAME...", "load plugins in a process of their own, also those that crashed before",
     "Says what each brings, or why it is refused. A plugin that crashed or hung when it was looked at is not run "
     "again "
     "until its file changes, or this asks for it. Exit status 2 if one is refused.",
     kCheckOptions, command_plugins_check},
    {"plugins trust", "FILE|NAME...", "write down which plugins may be used when locked",
     "Adds each to HOME/plugins.lock with its version, operators and sha256, or says what of them has changed. "
     "What ships with leeward needs no entry. With --locked nothing else is used.",
     kTrustOptions, command_plugins_trust},
    {"mock-llm", "", "run an OpenAI-compatible server that simulates answers",
     "Prints its base URL, then serves until interrupted. Point OPENAI_BASE_URL at it.", kMockOptions,
     command_mock_llm},
    {"probe", "FILE", "read what a plugin says of itself",
     "Started by this program for each plugin that it does not know, with the file and a place for the answer as open "
     "descriptors. plugins inspect FILE is for people.",
     kProbeOptions, command_probe, true},
    {"fsck", "", "check what is recorded in the home folder; changes nothing",
     "Each finding in words. Runs may go on meanwhile. Exit status: 0 nothing is wrong, 1 there are findings, 3 it "
     "cannot "
     "be read.",
     kFsckOptions, command_fsck},
    {"runner", "", "run the operators of one plugin",
     "Started by this program for each plugin that is not to run in the host, with a way back and the plugin as open "
     "descriptors (host/runner/README.md).",
     kRunnerOptions, command_runner, true},
    {"version", "", "print version, plugin interface and build", "", kVersionOptions, command_version},
};

std::string program_help() {
  std::string text =
      "leeward runs LLM workflows: DAGs in JSON, operators from plugins.\n\nusage: leeward VERB [OPTION]...\n\n";
  for (const Verb& verb : kVerbs) {
    if (verb.hidden) continue;
    std::string line = std::string{"  "} + verb.name + " " + verb.operands;
    line.append(line.size() < 30 ? 30 - line.size() : 2, ' ');
    text += line + verb.summary + "\n";
  }
  return text + "\nEvery verb takes --help.\n";
}

std::string verb_help(const Verb& verb) {
  std::string text = std::string{"usage: leeward "} + verb.name + (*verb.operands ? " " : "") + verb.operands +
                     " [OPTION]...\n\n" + verb.summary + "\n";
  if (*verb.details != '\0') text += std::string{verb.details} + "\n";
  return text + "\n" + options_help(verb.options);
}

int refuse(std::ostream& err, const std::string& message) {
  err << "leeward: " << message << "\n";
  return kBadInput;
}

/// The verb that the first words name, and how many words that are.
std::pair<const Verb*, std::size_t> find_verb(const std::vector<std::string>& words) {
  for (const Verb& verb : kVerbs) {
    const std::string name = verb.name;
    if (words[0] == name) return {&verb, 1};
    if (words.size() > 1 && words[0] + " " + words[1] == name) return {&verb, 2};
  }
  return {nullptr, 0};
}

std::vector<std::string> verb_names() {
  std::vector<std::string> names;
  for (const Verb& verb : kVerbs) {
    if (!verb.hidden) names.emplace_back(verb.name);
  }
  return names;
}

int unknown_verb(const std::vector<std::string>& words, std::ostream& out, std::ostream& err) {
  std::string text;
  std::string second_words;
  std::string names;
  for (const Verb& verb : kVerbs) {
    const std::string name = verb.name;
    if (!name.starts_with(words[0] + " ")) continue;
    text += "  " + name + "   " + verb.summary + "\n";
    names += (names.empty() ? "" : ", ") + name;
    second_words += (second_words.empty() ? "" : "|") + name.substr(words[0].size() + 1);
  }
  if (!text.empty()) {
    text = "usage: leeward " + words[0] + " " + second_words + " [OPTION]...\n" + text;
    if (words.size() > 1 && words[1] == "--help") return out << text, kSuccess;
    if (words.size() == 1) return err << text, kBadInput;
    return refuse(err, "unknown verb \"" + words[0] + " " + words[1] + "\"; there are: " + names);
  }
  return refuse(
      err, "unknown verb \"" + words[0] + "\"" + did_you_mean(words[0], verb_names()) + " (leeward --help lists them)");
}

int dispatch(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment,
             std::ostream& out, std::ostream& err) {
  if (words.empty()) return err << program_help(), kBadInput;
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") return out << program_help(), kSuccess;
  if (words[0] == "--version") return command_version({{}, environment, out, err});
  const auto [verb, length] = find_verb(words);
  if (verb == nullptr) return unknown_verb(words, out, err);
  const std::vector<std::string> rest{words.begin() + static_cast<std::ptrdiff_t>(length), words.end()};
  Result<Arguments> arguments = parse_arguments(rest, verb->options);
  if (!arguments) return refuse(err, arguments.error().message + " (leeward " + verb->name + " --help)");
  if (arguments->has("help")) return out << verb_help(*verb), kSuccess;
  return verb->run({std::move(arguments).value(), environment, out, err});
}

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

int bad_usage(const Invocation& invocation, const std::string& message) { return refuse(invocation.err, message); }

int run_program(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment,
                std::ostream& out, std::ostream& err) {
  try {
    const int status = dispatch(words, environment, out, err);
    out.flush();
    if (!out) {
      err << "leeward: cannot write to stdout\n";
      return status == kSuccess ? static_cast<int>(kHostFailed) : status;
    }
    return status;
  } catch (const std::exception& e) {
    err << "leeward: cannot go on: " << e.what() << "\n";
    return kHostFailed;
  }
}

}  // namespace leeward
