#include "host/plugin/host_services.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include "host/plugin/extensions.hpp"
#include "host/plugin/host_buffers.hpp"
#include "host/version.hpp"

namespace leeward {
namespace {

std::atomic<PluginLog*> process_log{nullptr};
std::mutex host_call_mutex;
thread_local std::string host_call_error;

LogLevel level_of(int32_t level) {
  return static_cast<LogLevel>(std::clamp<int32_t>(level, LW_LOG_TRACE, LW_LOG_ERROR));
}

int32_t log_enabled(int32_t level) {
  const PluginLog* log = process_log.load(std::memory_order_acquire);
  return log != nullptr && log->enabled(level_of(level)) ? 1 : 0;
}

void log_line(int32_t level, lw_str component, lw_str message, lw_str fields) {
  if (PluginLog* log = process_log.load(std::memory_order_acquire)) {
    log->line(level_of(level), text_of(component), text_of(message), text_of(fields));
  }
}

void set_error(const lw_error* error) {
  if (error != nullptr && LW_HAS(lw_error, error, details_json)) host_call_error = text_of(error->message);
}

/// One row for each optional service: its id in leeward/ext/, and its table.
const void* get_extension(const char* id) {
  static const std::pair<std::string_view, const void*> kExtensions[] = {
      {LW_EXT_HTTP, &kHttpService},   {LW_EXT_TIMER, &kTimerService}, {LW_EXT_CALL, &kCallService},
      {LW_EXT_USAGE, &kUsageService}, {LW_EXT_TEXT, &kTextService},   {LW_EXT_FLOW, &kFlowService},
      {LW_EXT_INPUT, &kInputService}, {LW_EXT_WAIT, &kWaitService},   {LW_EXT_RUN, &kRunService}};
  if (id == nullptr) return nullptr;
  for (const auto& [name, table] : kExtensions) {
    if (name == id) return table;
  }
  return nullptr;
}

}  // namespace

const lw_host& host_table() noexcept {
  static const lw_host table = {sizeof(lw_host), LW_ABI_VERSION, "leeward",     program_version().data(),
                                buffer_new,      buffer_adopt,   buffer_retain, buffer_release,
                                log_enabled,     log_line,       set_error,     get_extension};
  return table;
}

HostTableLog::HostTableLog(PluginLog& log) : before_(process_log.exchange(&log)) {}
HostTableLog::~HostTableLog() { process_log.store(before_); }

HostCall::HostCall() : lock_(host_call_mutex) { host_call_error.clear(); }
HostCall::~HostCall() = default;

std::string HostCall::reason(const std::string& otherwise) const {
  return host_call_error.empty() ? otherwise : host_call_error;
}

}  // namespace leeward
