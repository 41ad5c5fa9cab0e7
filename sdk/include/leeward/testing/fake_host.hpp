/// The lw_host of the harness.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <leeward/testing/fake_calls.hpp>
#include <leeward/testing/fake_flow.hpp>
#include <leeward/testing/fake_runs.hpp>
#include <leeward/testing/fake_services.hpp>

namespace leeward::testing {

struct HostApi {
  static const lw_buf* buf_new(const char* data, std::size_t size) {
    return BufferLedger::instance().make({data, size});
  }
  static const lw_buf* buf_adopt(const char* data, std::size_t size, void (*free_fn)(void*), void* arg) {
    return BufferLedger::instance().adopt(data, size, free_fn, arg);
  }
  static void buf_retain(const lw_buf* buffer) { BufferLedger::instance().retain(buffer); }
  static void buf_release(const lw_buf* buffer) { BufferLedger::instance().release(buffer); }

  static std::int32_t log_enabled(std::int32_t) { return 1; }
  static void log(std::int32_t level, lw_str component, lw_str message, lw_str fields_json) {
    World* world = World::current();
    if (!world) return;
    const std::lock_guard lock(world->mutex);
    const std::string from(sdk::view(component));
    world->report.logs.push_back(
        {level, from + ": " + std::string(sdk::view(message)), std::string(sdk::view(fields_json))});
  }
  static void set_error(const lw_error* error) {
    World* world = World::current();
    if (!world || !error) return;
    const std::lock_guard lock(world->mutex);
    world->host_error = SeenError::of(*error);
  }

  static const void* get_extension(const char* id) {
    static const lw_http http{sizeof http, 0, &FakeHttp::send};
    static const lw_timer timer{sizeof timer, 0, &FakeTimer::after};
    static const lw_call call{sizeof call, 0, &FakeCalls::invoke};
    static const lw_usage usage{sizeof usage, 0, &FakeUsage::add_model_call};
    static const lw_text text{sizeof text, 0, &FakeText::evaluate, &FakeText::render};
    static const lw_flow flow{sizeof flow, 0, &FakeFlow::skip_downstream};
    static const lw_input input{sizeof input, 0, &FakeInput::ask, &FakeInput::answer};
    static const lw_wait wait{sizeof wait, 0, &FakeWait::waited_ms, &FakeWait::reschedules};
    static const lw_run run{sizeof run, 0, &FakeRuns::trigger, &FakeRuns::task_states};
    const std::string_view wanted(id ? id : "");
    if (const World* world = World::current()) {
      const auto& missing = world->script.missing_extensions;
      if (std::find(missing.begin(), missing.end(), wanted) != missing.end()) return nullptr;
    }
    if (wanted == LW_EXT_HTTP) return &http;
    if (wanted == LW_EXT_TIMER) return &timer;
    if (wanted == LW_EXT_CALL) return &call;
    if (wanted == LW_EXT_USAGE) return &usage;
    if (wanted == LW_EXT_TEXT) return &text;
    if (wanted == LW_EXT_FLOW) return &flow;
    if (wanted == LW_EXT_INPUT) return &input;
    if (wanted == LW_EXT_WAIT) return &wait;
    if (wanted == LW_EXT_RUN) return &run;
    return nullptr;
  }
};

inline const lw_host* fake_host() {
  static const lw_host host{sizeof host,           LW_ABI_VERSION,      "leeward-harness",    "0.1.0",
                            &HostApi::buf_new,     &HostApi::buf_adopt, &HostApi::buf_retain, &HostApi::buf_release,
                            &HostApi::log_enabled, &HostApi::log,       &HostApi::set_error,  &HostApi::get_extension};
  return &host;
}

}  // namespace leeward::testing
