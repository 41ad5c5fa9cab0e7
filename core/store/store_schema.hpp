#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/result.hpp"
#include "core/store/sqlite_db.hpp"

namespace leeward {

/// What makes a store of one version a store of the next. A store that was written by any release is kept readable:
/// these never change, new ones are added behind them.
struct StoreMigration {
  const char* sql;
};

/// The first makes a store of an empty file. A store's version is how many of them it went through.
[[nodiscard]] std::span<const StoreMigration> store_migrations();

/// "LWRD", in the header of every store: what else SQLite may have written is not ours.
inline constexpr std::int64_t kStoreApplicationId = 0x4c575244;

/// What is in a file that is about to be used as a store.
enum class StoreContent : std::uint8_t { nothing, older, current };

/// Looks and changes nothing. Codes, besides the database's: store.foreign, it was not written by Leeward;
/// store.newer, it was, by a release that knows more than this.
[[nodiscard]] Result<StoreContent> look_into_store(SqliteDb& db, std::span<const StoreMigration> migrations);

/// Makes a store, or brings an older one up to date, each step in a transaction of its own. Other processes may be
/// doing the same.
[[nodiscard]] Status migrate_store(SqliteDb& db, std::span<const StoreMigration> migrations);

/// Opens a store to write to it: made or migrated where that is needed, every commit synced.
[[nodiscard]] Result<SqliteDb> open_store_to_write(const SqliteDb::Options& options,
                                                   std::span<const StoreMigration> migrations = store_migrations());
/// Opens one that is there and of this version, to read.
[[nodiscard]] Result<SqliteDb> open_store_to_read(SqliteDb::Options options);

}  // namespace leeward
