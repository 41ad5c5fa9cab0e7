#include <fcntl.h>

#include "host/cli/verb.hpp"
#include "host/plugin/plugin_probe.hpp"

namespace leeward {

int command_probe(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const bool started_by_us = ::fcntl(3, F_GETFD) >= 0 && ::fcntl(4, F_GETFD) >= 0;
  if (arguments.files.size() != 1 || !started_by_us)
    return bad_usage(invocation, "leeward starts this itself; leeward plugins inspect FILE shows what is in a plugin");
  Errors errors;
  const auto limits = JsonDocument::parse(arguments.get("limits").value_or("{}"), "--limits");
  if (!limits) return bad_usage(invocation, to_string(limits.error()));
  const SandboxLimits parsed = SandboxLimits::of((*limits)->root(), errors);
  if (!errors.empty()) return bad_usage(invocation, to_string(errors.front()));
  answer_probe(arguments.files.front(), parsed);
}

}  // namespace leeward
