#pragma once

#include <leeward/ext/call.h>
#include <leeward/ext/flow.h>
#include <leeward/ext/http.h>
#include <leeward/ext/input.h>
#include <leeward/ext/run.h>
#include <leeward/ext/text.h>
#include <leeward/ext/timer.h>
#include <leeward/ext/usage.h>
#include <leeward/ext/wait.h>

namespace leeward {

/// The host's optional services, a table and a file each. What a function needs it finds behind its lw_task
/// (host_task.hpp), so the tables are constant. Contracts: leeward/ext/*.h.
extern const lw_http kHttpService;    // http_service.cpp
extern const lw_timer kTimerService;  // timer_service.cpp
extern const lw_call kCallService;    // call_service.cpp
extern const lw_usage kUsageService;  // usage_service.cpp
extern const lw_text kTextService;    // text_service.cpp
extern const lw_flow kFlowService;    // flow_service.cpp
extern const lw_input kInputService;  // input_service.cpp
extern const lw_wait kWaitService;    // wait_service.cpp
extern const lw_run kRunService;      // run_service.cpp

}  // namespace leeward
