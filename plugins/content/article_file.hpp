#pragma once

#include <string>

namespace content_plugin {

/// The whole of a file. Throws Error: LW_RETRY if it cannot be read now, LW_FAIL if it is no file or too large.
[[nodiscard]] std::string read_file(const std::string& path);

}  // namespace content_plugin
