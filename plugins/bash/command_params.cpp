#include "command_params.hpp"

#include <map>
#include <string_view>
#include <utility>

namespace bash_plugin {
namespace {

using leeward::sdk::fail;
using leeward::sdk::Task;

// Linux takes no longer argument, nor NAME=value, than 32 pages.
constexpr std::size_t kTextLimitBytes = 131071;

// Facts about the attempt that every command finds in its environment, as Airflow offers them.
constexpr std::pair<const char*, const char*> kContext[] = {
    {"LEEWARD_CTX_DAG_ID", "dag_id"},         {"LEEWARD_CTX_RUN_ID", "run_id"},
    {"LEEWARD_CTX_TASK_ID", "task_id"},       {"LEEWARD_CTX_MAP_INDEX", "map_index"},
    {"LEEWARD_CTX_TRY_NUMBER", "try_number"}, {"LEEWARD_CTX_LOGICAL_DATE", "logical_date"},
};

using Environment = std::map<std::string, std::string>;

// A string as its characters, anything else as its JSON text.
std::string plain_text(std::string_view json) {
  return !json.empty() && json.front() == '"' ? leeward::sdk::unquote(json) : std::string(json);
}

// A program is given text that ends at the first NUL and is limited in length; a value must arrive whole or not at all.
std::string passable(std::string text, const std::string& where) {
  if (text.find('\0') != std::string::npos)
    throw fail("bash.bad_value", where + " contains a NUL character, which no program can be given");
  if (text.size() > kTextLimitBytes)
    throw fail("bash.bad_value", where + " is " + std::to_string(text.size()) + " bytes long; a program can be given " +
                                     std::to_string(kTextLimitBytes) + " at a time: pass it in a file");
  return text;
}

void add_given(Environment& environment, std::string_view given) {
  for (const auto& [name, value] : leeward::sdk::members(given)) {
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos)
      throw fail("bash.bad_value", "env: '" + name + "' cannot be the name of a variable");
    if (value == "null") {
      environment.erase(name);
    } else {
      environment[name] = plain_text(value);
    }
  }
}

std::vector<std::string> environment_of(Task task) {
  const auto given = task.find_param("env");
  const bool inherits = !given || task.param<bool>("append_env", false);
  Environment environment = inherits ? inherited_environment() : Environment{};
  for (const auto& [name, key] : kContext) environment[name] = task.info(key);
  if (given) add_given(environment, *given);
  std::vector<std::string> entries;
  for (const auto& [name, value] : environment) entries.push_back(passable(name + "=" + value, "env: '" + name + "'"));
  return entries;
}

std::vector<std::string> arguments_of(Task task) {
  // "--" ends bash's own options, so that a command may start with "-"; the second "bash" is $0.
  std::vector<std::string> arguments{"bash", "-c", "--", passable(task.param<std::string>("command"), "command"),
                                     "bash"};
  const auto given = task.find_param("args");
  if (!given) return arguments;
  for (const std::string_view value : leeward::sdk::elements(*given)) {
    const std::string where = "args[" + std::to_string(arguments.size() - 5) + "]";
    arguments.push_back(value == "null" ? "" : passable(plain_text(value), where));
  }
  return arguments;
}

}  // namespace

Command command_of(Task task, std::string directory) {
  return {"bash", arguments_of(task), environment_of(task), passable(std::move(directory), "cwd")};
}

}  // namespace bash_plugin
