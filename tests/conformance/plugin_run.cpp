#include "tests/conformance/plugin_run.hpp"

#include <stdexcept>

#include "core/engine/run_engine.hpp"
#include "core/exec/thread_pool_executor.hpp"
#include "core/load/dag_loader.hpp"
#include "core/store/memory_run_store.hpp"
#include "host/plugin/plugin_registry.hpp"
#include "tests/host/plugin/host_fixture.hpp"

namespace leeward::conformance {
namespace {

/// The operators that ship, loaded once however many runs use them.
struct Shipped {
  test::HostFixture host;
  PluginRegistry plugins{host.http, host.timers, host, {}};
  Shipped() { plugins.scan(LEEWARD_BINARY_DIR "/lib/leeward/plugins"); }
};

Shipped& shipped() {
  static Shipped once;
  return once;
}

std::string kind_of(const Graph& graph, const std::string& task) {
  if (graph.teardowns.contains(task)) return R"(, "teardown": true)";
  if (graph.setups.contains(task)) return R"(, "setup": true)";
  const auto rule = graph.rules.find(task);
  const std::string word = rule == graph.rules.end() ? graph.other_rule : rule->second;
  return word.empty() ? "" : R"(, "trigger_rule": ")" + word + '"';
}

}  // namespace

std::string spec_of(const Graph& graph, const Members& members) {
  std::string tasks;
  for (const std::string& task : tasks_of(graph)) {
    std::string upstreams;
    for (const auto& [from, to] : graph.edges) {
      if (to == task) upstreams += (upstreams.empty() ? "\"" : ", \"") + from + '"';
    }
    const auto own = members.find(task);
    tasks += (tasks.empty() ? R"({"task_id": ")" : R"(, {"task_id": ")") + task + R"(", "depends_on": [)" + upstreams +
             "], " + (own == members.end() ? R"("operator": "empty")" : own->second) + kind_of(graph, task) + "}";
  }
  return R"({"dag_id": "d", "tasks": [)" + tasks + "]}";
}

std::map<std::string, TaskState> run_with_plugins(const std::string& spec, RunInfo info) {
  auto& [host, plugins] = shipped();
  const LoadedDag loaded = load_dag(spec, "spec", plugins);
  if (!loaded.dag) throw std::runtime_error(to_string(loaded.errors.front()));
  info.dag_id = loaded.dag->id();
  const auto run = std::make_shared<const RunInfo>(std::move(info));
  const SystemClock clock;
  MemoryRunStore store;
  ThreadPoolExecutor executor(plugins, host.listener, clock);
  RunEngine engine(loaded.dag, run, clock, executor, store, {}, {});
  const auto ended = engine.run();
  if (!ended) throw std::runtime_error(to_string(ended.error()));
  const auto record = store.load(run->run_id);
  if (!record) throw std::runtime_error(to_string(record.error()));
  std::map<std::string, TaskState> states;
  for (const TaskRecord& task : record->tasks) states[task.task_id] = task.state;
  return states;
}

}  // namespace leeward::conformance
