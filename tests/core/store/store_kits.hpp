#pragma once

#include <memory>

#include "core/store/memory_run_store.hpp"
#include "core/store/sqlite_store.hpp"
#include "tests/support/temp_dir.hpp"

namespace leeward::test {

/// Each kind of store, and what a restart of the process does to it: TEMPLATE_TEST_CASE runs the suite on all of them.

class MemoryStoreKit {
 public:
  RunStore& store() { return store_; }
  void restart() {}

 private:
  MemoryRunStore store_{MemoryRunStore::Keep::events};
};

class SqliteStoreKit {
 public:
  SqliteStoreKit() { restart(); }
  SqliteStore& store() { return *store_; }
  void restart() {
    store_.reset();
    store_ = SqliteStore::open({(folder_ / "leeward.db").string()}).value();
  }

 private:
  TempDir folder_;
  std::unique_ptr<SqliteStore> store_;
};

/// As the SQLite one, but without a restart: what it tells comes from what it keeps of open runs.
class OpenSqliteStoreKit : public SqliteStoreKit {
 public:
  void restart() {}
};

}  // namespace leeward::test
