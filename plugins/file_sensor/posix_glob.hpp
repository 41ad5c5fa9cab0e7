#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace file_sensor {

/// What there is under a pattern. Python's glob, as Airflow's FileSensor has it: `*`, `?` and `[a-z]` within a name,
/// where none of them matches the dot that a hidden name begins with; with `recursive`, a component `**` is any number
/// of folders, also none. What cannot be looked into counts as empty; no link is followed by `**`.
///
/// `look_up` is called now and then, and may throw to stop. Sorted; at most `limit` paths.
[[nodiscard]] std::vector<std::string> paths_matching(std::string_view pattern, bool recursive, std::size_t limit,
                                                      const std::function<void()>& look_up);

/// Whether a path is a file, or a folder with a file in it, at whatever depth.
[[nodiscard]] bool holds_a_file(const std::string& path, const std::function<void()>& look_up);

}  // namespace file_sensor
