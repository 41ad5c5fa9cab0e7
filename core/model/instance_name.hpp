#pragma once

#include <string>
#include <string_view>

namespace leeward {

/// How people are shown a task instance: "summarize", or "summarize[3]" if it is mapped.
[[nodiscard]] inline std::string instance_name(std::string_view task_id, int map_index) {
  std::string name{task_id};
  if (map_index >= 0) name += "[" + std::to_string(map_index) + "]";
  return name;
}

}  // namespace leeward
