#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace leeward {

/// The file of a DAG that another one names. What holds a '/' or ends in ".json" is a file, relative to `folder`; any
/// other text is a dag_id: of FOLDER/<dag_id>.json, or of whichever *.json in the folder says so first, by name. Code
/// run.unknown_dag, with the nearest guess.
[[nodiscard]] Result<std::string> find_dag_file(const std::filesystem::path& folder, const std::string& dag);

}  // namespace leeward
