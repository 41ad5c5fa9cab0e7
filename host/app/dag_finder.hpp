#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace leeward {

/// The file of a DAG that another one names. What holds a '/' or ends in ".json" is a file in `folder` or below it; any
/// other text is the dag_id of a *.json in the folder. Codes run.unknown_dag, with the nearest guess; run.ambiguous_dag
/// (two files with this dag_id); run.outside (a file elsewhere).
[[nodiscard]] Result<std::string> find_dag_file(const std::filesystem::path& folder, const std::string& dag);

}  // namespace leeward
