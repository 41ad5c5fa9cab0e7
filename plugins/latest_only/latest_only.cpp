// The operator `latest_only`: lets only the latest run of a DAG go on. Airflow's LatestOnlyOperator.

#include <leeward/cpp/flow.hpp>
#include <leeward/cpp/operator.hpp>

#include "plugins/latest_only/latest_window.hpp"

namespace {

constexpr char kDoc[] =
    "Skips the tasks directly downstream unless this is the latest run of the DAG.\n\n"
    "A run by hand always is. A scheduled one is while the moment at which it would be followed by the next has not "
    "come: so runs that catch up on the past, and backfills, skip what only makes sense today. The output says "
    "whether it is.";

}  // namespace

LW_FUNCTION(LatestOnly, "latest_only", "1.0.0", kDoc, R"({"type": "object", "additionalProperties": false})",
            LW_OP_INLINE | LW_OP_IDEMPOTENT) {
  const latest_only::RunFacts run{task.info("run_type"), time_text::parse_time(task.info("latest_window_start")),
                                  time_text::parse_time(task.info("latest_window_end"))};
  const bool latest = latest_only::is_latest(run, time_text::now());
  task.result(latest);
  if (!latest) leeward::sdk::skip_downstream(task, leeward::sdk::Downstream::direct);
}

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"latest_only", "1.0.0", "MIT", "What only the latest run should do."}),
               LatestOnly)
