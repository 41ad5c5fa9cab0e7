#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "tests/support/simulated_executor.hpp"

namespace leeward::test {

/// What the attempts of a run's tasks do, as JSON; the words stand in tests/scenarios/README.md. For a task ("a") or
/// one of its instances ("a[0]") one entry a start, the last one again for all that follow; an entry alone needs no
/// list. Without any, an attempt takes one second and succeeds. The document must outlive it. A mistake in it throws.
class StepScript {
 public:
  StepScript() = default;
  explicit StepScript(Json script) : script_(script) {}

  [[nodiscard]] SimulatedExecutor::Step operator()(const TaskCall& call);

 private:
  Json script_;
  std::map<std::string, std::size_t> starts_;
};

/// As in a spec; nothing if the place is absent. A mistake throws.
[[nodiscard]] Duration duration_in(const Json& json);
[[nodiscard]] std::vector<std::string> strings_in(const Json& list);

}  // namespace leeward::test
