// The operator `time_sensor`: waits until a point in time. Airflow's TimeSensor, DateTimeSensor and TimeDeltaSensor.

#include <algorithm>
#include <string>

#include <leeward/cpp/operator.hpp>
#include <leeward/cpp/wait.hpp>

#include "plugins/sensor/poke.hpp"
#include "plugins/time_sensor/target_time.hpp"
#include "plugins/time_text/timestamp.hpp"

namespace {

using leeward::sdk::fail;
using leeward::sdk::Spec;
using leeward::sdk::Task;
using time_text::UnixMs;

constexpr char kDoc[] =
    "Waits until a point in time, without holding a thread.\n\n"
    "`target` is an RFC 3339 time, or a time of today, UTC (\"07:30\"): of the day on which the task first looks. "
    "`delta` counts from the end of the data interval, or from the logical date where there is none. The output is the "
    "time that was waited for.";

constexpr char kParams[] = R"({"type": "object", "additionalProperties": false, "properties": {
  "target": {"type": "string", "minLength": 1, "description": "2024-01-31T08:00:00Z, or 07:30"},
  "delta": )" TIME_TEXT_DURATION_SCHEMA R"(, )" SENSOR_PARAMS R"(},
  "oneOf": [{"required": ["target"]}, {"required": ["delta"]}]})";

UnixMs fact(Task task, const char* name) {
  if (const auto time = time_text::parse_time(task.info(name))) return *time;
  throw fail("time_sensor.no_date", std::string("the run has no ") + name);
}

UnixMs target_of(Task task) {
  if (const auto delta = time_text::duration_param_ms(task, "delta")) {
    const bool has_interval = !task.info("data_interval_end").empty();
    return fact(task, has_interval ? "data_interval_end" : "logical_date") + *delta;
  }
  const auto target = task.param<std::string>("target");
  const UnixMs first_look = time_text::now() - leeward::sdk::waited_ms(task);
  if (const auto time = time_sensor::target_time(target, first_look)) return *time;
  throw fail("bad_value",
             "parameter 'target': expected a time, such as \"2024-01-31T08:00:00Z\", \"2024-01-31\" or "
             "\"07:30\", got " +
                 leeward::sdk::quote(target.substr(0, 60)));
}

struct TimeSensor {
  static constexpr Spec spec{"time_sensor", "1.0.0", kDoc, kParams, LW_OP_INLINE | LW_OP_CONCURRENT | LW_OP_IDEMPOTENT};

  void execute(Task task) const {
    const sensor::Poke poke{task};
    const UnixMs target = target_of(task);
    poke.look(task, [&]() -> sensor::Look {
      const UnixMs left = target - time_text::now();
      return {left <= 0, std::max<UnixMs>(left, 0)};
    });
    task.result(time_text::format_time(target));
  }
};

}  // namespace

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"time_sensor", "1.0.0", "MIT", "Waiting for a time."}), TimeSensor)
