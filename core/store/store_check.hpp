#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/store/sqlite_db.hpp"

namespace leeward {

/// Something in a store that cannot be right.
struct Finding {
  std::string where;    ///< "run 01JX...", "the file", "table calls"
  std::string message;  ///< in words
};

/// Looks at all that a store holds, and changes nothing: what SQLite itself says of the file, each run's history
/// (run_invariants), that the lists show of each run what its events say, that nothing belongs to a run that is not
/// there, and that texts are what they were when they were kept. Runs may go on meanwhile.
///
/// Empty: nothing is wrong. Codes: those of SqliteDb, store.foreign, store.newer, where it cannot be looked at.
[[nodiscard]] Result<std::vector<Finding>> check_store(const SqliteDb::Options& options);
[[nodiscard]] Result<std::vector<Finding>> check_store(const std::string& path);

}  // namespace leeward
