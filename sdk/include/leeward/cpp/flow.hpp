/// leeward.flow/1 for C++: skipping what lies downstream of a task that succeeds.
///
///     if (articles.empty()) skip_downstream(task, Downstream::all);
#pragma once

#include <cstdint>

#include <leeward/cpp/task.hpp>
#include <leeward/ext/flow.h>

LW_SDK_BEGIN

enum class LW_SDK_TYPE Downstream : std::int32_t {
  none = LW_DOWNSTREAM_NONE,      // takes an earlier call back
  direct = LW_DOWNSTREAM_DIRECT,  // what lies behind the skipped tasks follows its trigger rules
  all = LW_DOWNSTREAM_ALL,        // whatever the trigger rules
};

/// [task] Says what is skipped if the task succeeds; teardowns never are. Throws in a host that cannot, and in an
/// operator that another one called.
inline void skip_downstream(Task task, Downstream which) {
  const auto* flow = extension<lw_flow>(LW_EXT_FLOW);
  if (!flow) throw fail("no_extension", "this host cannot skip what lies downstream (" LW_EXT_FLOW ")");
  if (flow->skip_downstream(task.raw(), static_cast<std::int32_t>(which)) != LW_OK) throw Error::noted_by_host(LW_FAIL);
}

LW_SDK_END
