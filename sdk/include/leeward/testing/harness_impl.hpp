/// The functions behind harness.hpp. Included by it.
#pragma once

#include <algorithm>

#include <leeward/testing/harness.hpp>

namespace leeward::testing {

inline void Harness::init(const lw_plugin* plugin) {
  if (std::find(initialised_.begin(), initialised_.end(), plugin) != initialised_.end()) return;
  world_.host_error = {};
  if (plugin->init && plugin->init(fake_host()) != LW_OK)
    throw std::runtime_error(std::string(plugin->name) + ": init() failed: " + world_.host_error.message);
  initialised_.push_back(plugin);
}

inline void Harness::start(std::string_view operator_name, std::string_view params_json) {
  const lw_operator* op = find_operator(plugin_, operator_name);
  if (!op) throw std::invalid_argument("the plugin has no operator '" + std::string(operator_name) + "'");
  if (!is_json_object(params_json)) throw std::invalid_argument("the parameters are no JSON object");
  for (const lw_plugin* plugin : script.callee_plugins) init(plugin);
  {
    const std::lock_guard lock(world_.mutex);
    world_.report = {};
    world_.events = {};
    world_.host_error = {};
  }
  BufferLedger::instance().begin_run();

  const auto set = script.settings.find(std::string(operator_name));
  instance_ = std::make_unique<Instance>(*op, fake_host(), set == script.settings.end() ? "{}" : set->second);
  task_ = nullptr;
  if (instance_->code() != LW_OK) return;
  tasks_.push_back(std::make_unique<FakeTask>(world_, op->name, std::string(params_json), op->flags));
  task_ = tasks_.back().get();
  tasks_.back()->run(*op, instance_->self(), {});
}

inline bool Harness::step() {
  std::optional<std::function<void()>> ready;
  {
    const std::lock_guard lock(world_.mutex);
    ready = world_.events.take_ready();
  }
  if (ready) (*ready)();
  return ready.has_value();
}

inline void Harness::advance(std::int64_t ms) {
  const auto moved = [this](std::int64_t limit) {
    const std::lock_guard lock(world_.mutex);
    return world_.events.advance_to_next(limit);
  };
  const std::int64_t until = world_.events.now_ms() + ms;
  do {
    while (step()) {
    }
  } while (moved(until));
  const std::lock_guard lock(world_.mutex);
  world_.events.advance_to(until);
}

inline void Harness::cancel() {
  {
    const std::lock_guard lock(world_.mutex);
    world_.cancelled = true;
    world_.events.cancel_all();
    world_.changed.notify_all();
  }
  if (FakeTask* task = task_) task->cancel();
  calls_.cancel();
}

/// Nothing is left to do here: until one of the operator's own threads does something. False: the deadline passed.
inline bool Harness::wait_for_the_operator() {
  std::unique_lock lock(world_.mutex);
  if (world_.events.advance_to_next()) return true;
  FakeTask& task = *tasks_.back();
  return world_.changed.wait_for(lock, deadline_, [&] { return task.over_ || world_.events.advance_to_next(); });
}

inline Result Harness::finish() {
  while (!is_over()) {
    if (step() || wait_for_the_operator()) continue;
    tasks_.back()->abandon("the task was held and never completed, for " + std::to_string(deadline_.count()) + " ms");
  }
  {
    const std::lock_guard lock(world_.mutex);
    world_.events.cancel_all();
  }
  while (step()) {  // what was still under way tells the operator so, and is a problem of its own
  }
  return account();
}

inline Result Harness::account() {
  Result result;
  const lw_code created = instance_ ? instance_->code() : LW_FAIL;
  instance_.reset();
  calls_.destroy_instances();
  const std::lock_guard lock(world_.mutex);
  result = std::move(world_.report);
  if (FakeTask* task = task_) {
    const Ending& ending = task->ending();
    result.code = ending.code;
    result.result = ending.value_json;
    result.error = ending.error;
    result.branched = ending.branched;
    result.branch = ending.branch;
    result.skipped_downstream = ending.skip_downstream;
    result.asked = ending.asked;
  } else {
    result.code = created;
    result.error = world_.host_error;
    if (result.error.message.empty()) result.problems.push_back("create() failed and never said why (set_error)");
  }
  result.virtual_ms = world_.events.now_ms();
  for (auto& problem : BufferLedger::instance().problems()) result.problems.push_back(std::move(problem));
  world_.cancelled = false;
  task_ = nullptr;
  return result;
}

}  // namespace leeward::testing
