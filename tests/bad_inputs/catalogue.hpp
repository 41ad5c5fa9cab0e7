#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"

namespace leeward::bad_inputs {

/// What is said of a case of the catalogue that is not simply "driven, and as specified".
enum class Standing {
  otherwise,  ///< driven; the project decided on another behaviour than the catalogue proposes, and that is checked
  elsewhere,  ///< driven by other tests of the project; `where` names their file
  not_yet,    ///< not driven: what it is about is not there
};
struct Remark {
  Standing standing;
  std::string why;
  std::string where{};  ///< a file of this project
};
/// By id. Data: the one place where exceptions are kept.
[[nodiscard]] const std::map<std::string, Remark>& remarks();

/// conformance/bad_inputs.json in the folder that LEEWARD_SHARED names, or ../shared. Null if it is not there.
[[nodiscard]] std::shared_ptr<const JsonDocument> catalogue();

/// "J", of the id "J001".
[[nodiscard]] std::string group_of(std::string_view id);
[[nodiscard]] const std::vector<std::pair<std::string, std::string>>& group_names();

/// The id at the beginning of a test's name; empty if there is none.
[[nodiscard]] std::string id_in(std::string_view test_name);

/// The catalogue proposes codes, the project has its own: which of ours say what a proposed one does.
[[nodiscard]] const std::map<std::string, std::vector<std::string>>& our_codes();

}  // namespace leeward::bad_inputs
