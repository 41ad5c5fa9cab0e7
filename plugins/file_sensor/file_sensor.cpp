// The operator `file_sensor`: waits until there is a file. Airflow's FileSensor.
//
// It keeps a thread while it looks, because a file system may take its time, and none while it waits.

#include <algorithm>
#include <string>
#include <vector>

#include <leeward/cpp/operator.hpp>

#include "plugins/file_sensor/posix_glob.hpp"
#include "plugins/sensor/poke.hpp"

namespace {

using leeward::sdk::fail;
using leeward::sdk::Spec;
using leeward::sdk::Task;

constexpr std::size_t kMostPaths = 10'000;

constexpr char kDoc[] =
    "Waits until a file is there, without holding a thread.\n\n"
    "`path` is a file, a folder or a pattern (`*`, `?`, `[a-z]`; with `recursive`, `**`). A folder counts once there "
    "is a file somewhere in it. The output is the list of what was found.";

constexpr char kParams[] = R"({"type": "object", "required": ["path"], "additionalProperties": false, "properties": {
  "path": {"type": "string", "minLength": 1, "description": "A file, a folder or a pattern"},
  "recursive": {"type": "boolean", "default": false, "description": "Let ** stand for any number of folders"}, )" SENSOR_PARAMS
                           R"(}})";

constexpr char kOutput[] = R"({"type": "array", "items": {"type": "string"}})";

struct FileSensor {
  static constexpr Spec spec{"file_sensor", "1.0.0", kDoc, kParams, LW_OP_CONCURRENT | LW_OP_IDEMPOTENT, kOutput};

  void execute(Task task) const {
    const sensor::Poke poke{task};
    const auto path = task.param<std::string>("path");
    if (path.find('\0') != std::string::npos) throw fail("bad_value", "parameter 'path' contains a NUL character");
    const bool recursive = task.param<bool>("recursive", false);
    const auto stop_if_asked = [task] { task.stop_if_cancelled(); };
    std::vector<std::string> found;
    poke.look(task, [&]() -> sensor::Look {
      found = file_sensor::paths_matching(path, recursive, kMostPaths, stop_if_asked);
      const auto empty = [&](const std::string& one) { return !file_sensor::holds_a_file(one, stop_if_asked); };
      found.erase(std::remove_if(found.begin(), found.end(), empty), found.end());
      return {!found.empty()};
    });
    task.result(found);
  }
};

}  // namespace

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"file_sensor", "1.0.0", "MIT", "Waiting for a file."}), FileSensor)
