// The operator `bash`: runs a command, and what the command prints is the task's output.
//
// Blocking: an attempt keeps a thread of the host until the command has ended.

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <leeward/cpp/json_check.hpp>
#include <leeward/cpp/operator.hpp>

#include "command_params.hpp"
#include "posix_command_run.hpp"
#include "posix_working_directory.hpp"
#include "task_output.hpp"

namespace bash_plugin {
namespace {

namespace sdk = leeward::sdk;
using leeward::sdk::fail;
using leeward::sdk::retry;
using leeward::sdk::skip;
using leeward::sdk::Spec;
using leeward::sdk::Task;

constexpr int kSkipExitCode = 99;

constexpr char kDoc[] =
    "Runs a command in bash.\n\n"
    "The command is never rendered as a template: values reach it by `env`, and by `args` as `$1`, `$2`, ..., where "
    "no value can become code. A value that is no string is passed as JSON.\n\n"
    "The output of the task is what the command prints: as a value if all of it is JSON, else its last line. Exit "
    "status 0 is success, 99 skips the task (`skip_on_exit_code`), any other fails it and may be retried. Without "
    "`cwd` it runs in a temporary directory that is removed afterwards. Cancelled or out of time, it is sent SIGTERM "
    "together with its children, and SIGKILL some seconds later.";

constexpr char kParams[] = R"({"type": "object", "required": ["command"], "additionalProperties": false, "properties": {
  "command": {"type": "string", "minLength": 1, "x-template": false, "description": "What bash -c is given"},
  "args": {"type": "array", "description": "$1, $2, ... of the command"},
  "env": {"type": "object", "additionalProperties": {"x-secret": true},
    "description": "Its environment, instead of the host's; null leaves a variable out; \"secret://NAME\" is a secret"},
  "append_env": {"type": "boolean", "default": false, "description": "Keep the host's environment and add env to it"},
  "cwd": {"type": "string", "minLength": 1, "description": "Where it runs"},
  "skip_on_exit_code": {"default": 99, "description": "Exit status, or statuses, that skip the task",
    "anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}}})";

struct Settings {
  RunLimits run;
  std::size_t result_limit_bytes = 16 * 1024 * 1024;
};

// {"kill_grace_ms": 5000, "result_limit_bytes": 16777216}
Settings read_settings(std::string_view json) {
  Settings settings;
  for (const auto& [name, value] : sdk::members(json)) {
    if (name == "kill_grace_ms") {
      settings.run.grace = std::chrono::milliseconds{sdk::read_json<std::uint32_t>(value)};
    } else if (name == "result_limit_bytes") {
      settings.result_limit_bytes = sdk::read_json<std::uint32_t>(value);
    } else {
      throw fail("bad_settings", "bash has no setting '" + name + "'; it has kill_grace_ms and result_limit_bytes");
    }
  }
  return settings;
}

std::vector<int> skip_codes(Task task) {
  const auto json = task.find_param("skip_on_exit_code");
  if (!json) return {kSkipExitCode};
  if (*json == "null") return {};
  if (json->front() == '[') return task.param<std::vector<int>>("skip_on_exit_code");
  return {task.param<int>("skip_on_exit_code")};
}

sdk::Error start_failed(const std::system_error& error) {
  const std::error_code code = error.code();
  if (code == std::errc::no_such_file_or_directory)
    return fail("bash.not_found", "bash is not installed, or not in the PATH of the host");
  if (code == std::errc::argument_list_too_long)
    return fail("bash.bad_value", "env and args together are longer than the system can pass on");
  if (code == std::errc::permission_denied)
    return fail("bash.denied", std::string("bash may not be started: ") + error.what());
  return retry("bash.start", std::string("bash could not be started: ") + error.what());
}

ExitStatus run(Task task, const Command& command, TaskOutput& output, const WakeUp& stop, const RunLimits& limits) {
  try {
    const ExitStatus status = run_command(command, output, stop, limits);
    output.finish();
    return status;
  } catch (const std::system_error& error) {
    task.stop_if_cancelled();
    throw start_failed(error);
  }
}

std::string described(const ExitStatus& status, const OutputCollector& error_output) {
  const std::string text =
      status.signal != 0 ? "killed by " + signal_name(status.signal) : "exit status " + std::to_string(status.code);
  const std::string words = error_output.last_words();
  return words.empty() ? text : text + ": " + words;
}

// Ends the attempt unless the command succeeded.
void judge(Task task, const ExitStatus& status, const OutputCollector& error_output) {
  const std::vector<int> skips = skip_codes(task);
  const bool skips_task = status.signal == 0 && std::find(skips.begin(), skips.end(), status.code) != skips.end();
  if (skips_task) throw skip(described(status, error_output));
  if (status.signal == 0 && status.code == 0) return;
  throw retry("bash.exit_status", described(status, error_output))
      .details(sdk::JsonObject().add("exit_code", status.code).add("signal", status.signal).text());
}

// JSON that the host does not take, such as values nested too deep, counts as text.
bool set_json_result(Task task, std::string_view text) {
  constexpr char kSpace[] = " \t\r\n";
  if (!sdk::is_json(text)) return false;
  const std::size_t start = text.find_first_not_of(kSpace);
  const auto value = sdk::Buf::copy(text.substr(start, text.find_last_not_of(kSpace) + 1 - start));
  return task.raw()->api->set_result(task.raw(), value.get()) == LW_OK;
}

void set_result(Task task, const OutputCollector& output) {
  const std::optional<std::string>& whole = output.whole();
  if (!whole) task.log(LW_LOG_WARN, "the command printed more than a result can hold; the result is its last line");
  if (!whole || !set_json_result(task, *whole)) task.result(output.last_line());
}

class Bash {
 public:
  static constexpr Spec spec{"bash", "1.0.0", kDoc, kParams, LW_OP_STREAMS | LW_OP_CONCURRENT};

  explicit Bash(std::string_view settings_json) : settings_(read_settings(settings_json)) {}

  void execute(Task task) const {
    const WorkingDirectory directory{task.param<std::optional<std::string>>("cwd", std::nullopt)};
    const Command command = command_of(task, directory.path());
    const WakeUp stop;
    TaskOutput output{task, stop, settings_.result_limit_bytes};
    const auto hook = task.on_cancel([&stop] { stop.raise(); });
    task.stop_if_cancelled();
    const ExitStatus status = run(task, command, output, stop, settings_.run);
    task.stop_if_cancelled();
    judge(task, status, output.error_output());
    set_result(task, output.output());
  }

 private:
  Settings settings_;
};

}  // namespace
}  // namespace bash_plugin

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"bash", "1.0.0", "MIT", "Commands in bash, their output as values."}),
               bash_plugin::Bash)
