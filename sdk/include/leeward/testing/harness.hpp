/// Runs an operator in a unit test, without a host: in memory, with a virtual clock, and strict.
///
///     #include <leeward/testing/harness.hpp>
///
///     TEST_CASE("text.upper capitalises") {
///       auto done = leeward::testing::run(lw_plugin_entry_v1(), "text.upper", R"({"text": "you"})");
///       CHECK(done.code == LW_OK);
///       CHECK(done.result == R"("YOU")");
///       CHECK(done.problems.empty());
///     }
///
/// With a world to act in, and time to pass:
///
///     Harness harness(plugin);
///     harness.script.http = {HttpAnswer::with(429, "", R"({"retry-after": "1"})"), HttpAnswer::ok("{}")};
///     harness.script.callee("llm", CallAnswer::ok(R"("a summary")"));
///     Result done = harness.run("llm", params);          // timers fire as soon as nothing else is left to do
///
///     harness.start("sensor", params);                   // execute() has returned; the clock stands still
///     harness.advance(5000);                             // five seconds later
///     harness.cancel();
///     Result done = harness.finish();
///
/// The harness does not check parameters against the operator's schema: that is the host's work.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <leeward/plugin.h>
#include <leeward/testing/fake_calls.hpp>
#include <leeward/testing/fake_host.hpp>
#include <leeward/testing/fake_services.hpp>
#include <leeward/testing/fake_task.hpp>
#ifndef _WIN32
#include <leeward/testing/load_posix.hpp>
#endif

namespace leeward::testing {

/// One plugin, and the world that it is tested in. One harness at a time in a process; it calls the plugin's init() and
/// shutdown(). Its functions are for the test's thread, which also plays the host's: the callbacks of services run on
/// it, inside run(), advance() and finish(). Only cancel() may be called from any thread.
class Harness {
 public:
  /// Throws std::runtime_error if the plugin cannot be used, with its own reason.
  explicit Harness(const lw_plugin* plugin) : plugin_(plugin), script(world_.script), calls_(world_, fake_host()) {
    if (!plugin || plugin->abi_version >> 16 != LW_ABI_MAJOR) throw std::runtime_error("no plugin of this interface");
    init(plugin);
  }
  ~Harness() {
    tasks_.clear();
    instance_.reset();
    calls_.destroy_instances();
    for (const lw_plugin* plugin : initialised_)
      if (plugin->shutdown) plugin->shutdown();
  }

  /// How long to wait for an operator's own threads.
  void set_deadline(std::chrono::milliseconds deadline) { deadline_ = deadline; }

  /// Runs one attempt to its end. `params_json`: what the host would have rendered.
  /// Throws std::invalid_argument if there is no such operator, or the parameters are no JSON object.
  Result run(std::string_view operator_name, std::string_view params_json = "{}") {
    start(operator_name, params_json);
    return finish();
  }

  /// Runs execute() on this thread, and no more; then advance(), cancel() and finish().
  void start(std::string_view operator_name, std::string_view params_json = "{}");
  /// Lets what is ready happen, and then what falls due within `ms` of the virtual clock.
  void advance(std::int64_t ms);
  /// Tells the operator to stop, as a host does for a timeout. Any thread; before start() too.
  void cancel();
  /// Is the attempt over?
  bool is_over() {
    FakeTask* task = task_;
    return !task || task->is_over();
  }
  /// Lets everything happen until the attempt is over, and gives the account of it.
  Result finish();

 private:
  World world_;
  const lw_plugin* plugin_;

 public:
  /// What the world answers. Set it up before the run; requests and calls that were seen stand in it afterwards.
  Script& script;

 private:
  void init(const lw_plugin* plugin);
  bool step();
  bool wait_for_the_operator();
  Result account();

  FakeCalls calls_;
  std::vector<const lw_plugin*> initialised_;
  std::unique_ptr<Instance> instance_;
  std::vector<std::unique_ptr<FakeTask>> tasks_;  // all that were: a late call on one is a problem, not a crash
  std::atomic<FakeTask*> task_{nullptr};
  std::chrono::milliseconds deadline_{10000};
};

/// One attempt in an empty world. Throws std::invalid_argument if there is no such operator.
inline Result run(const lw_plugin* plugin, std::string_view operator_name, std::string_view params_json = "{}") {
  return Harness(plugin).run(operator_name, params_json);
}

}  // namespace leeward::testing

#include <leeward/testing/harness_impl.hpp>
