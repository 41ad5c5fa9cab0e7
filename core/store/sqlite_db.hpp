#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace leeward {

class SqliteDb;

/// One statement at work, borrowed from its database, which must outlive it. Whatever trouble there is with a parameter
/// is told by the next step.
class SqliteStatement {
 public:
  SqliteStatement(SqliteStatement&& other) noexcept : db_(other.db_), handle_(std::exchange(other.handle_, nullptr)) {}
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  /// Ends it: a statement that is still at work keeps its transaction open.
  ~SqliteStatement();

  /// Parameters count from 1. A text is not copied: it must stay until the statement is run, or ends.
  SqliteStatement& bind(int parameter, std::int64_t value);
  SqliteStatement& bind(int parameter, std::string_view text);
  SqliteStatement& bind_null(int parameter);

  /// Goes on to the next row; false: there is none.
  [[nodiscard]] Result<bool> step();
  /// Runs it to its end, and makes it ready to be run again. For what gives no rows.
  [[nodiscard]] Status run();

  /// Of the row, columns count from 0. What is NULL, or of another type, is 0 or empty. A text stays until the next
  /// step.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] bool is_integer(int column) const;

 private:
  friend class SqliteDb;
  SqliteStatement(SqliteDb& db, sqlite3_stmt* handle) : db_(&db), handle_(handle) {}
  void note(int code);

  SqliteDb* db_;
  sqlite3_stmt* handle_;
  int trouble_ = 0;  ///< of a parameter
};

/// One connection to a SQLite file: the only door to that library. One thread at a time.
///
/// Codes: store.full, store.io, store.corrupt, store.locked, store.read_only, and store.conflict where a row
/// contradicts one that is there. Messages carry SQLite's words and the system's.
class SqliteDb {
 public:
  enum class Access : std::uint8_t { read, write, create };
  struct Options {
    std::string path;
    Access access = Access::create;
    std::string vfs{};                               ///< which of SQLite's ways to files; empty: the system's
    std::chrono::milliseconds busy_timeout{30'000};  ///< how long other processes may write before it is an error
  };
  /// Creates the file, for its owner only, if that is asked for. Nothing in it is read yet, and until
  /// checkpoint_on_close() nothing in it is changed by closing it.
  [[nodiscard]] static Result<SqliteDb> open(const Options& options);
  SqliteDb(SqliteDb&&) noexcept;
  SqliteDb& operator=(SqliteDb&&) noexcept;
  ~SqliteDb();

  /// Statements without parameters and rows, one after another.
  [[nodiscard]] Status run(const char* sql);
  /// Prepared once and kept. REQUIRES: `sql` is a literal, and no such statement is at work.
  [[nodiscard]] Result<SqliteStatement> statement(std::string_view sql);
  /// What the one row's one column says. REQUIRES: as of statement().
  [[nodiscard]] Result<std::int64_t> ask(std::string_view sql);
  [[nodiscard]] Result<std::string> ask_text(std::string_view sql);
  [[nodiscard]] std::int64_t last_row_id() const;

  /// The first error after which a transaction cannot be trusted any more: everything but store.conflict, and but
  /// store.locked, after which nothing was done.
  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// The file has nothing in it, but its log has: somebody emptied it.
  [[nodiscard]] Result<bool> lost_its_content();
  /// Writes zeros behind the end of the write-ahead log until it is that long, so that a commit need not make it grow,
  /// which costs a second write. REQUIRES: within a write transaction.
  [[nodiscard]] Status grow_log(std::int64_t bytes);
  /// Of the write-ahead log since it last began anew, as of the last commit.
  [[nodiscard]] std::int64_t log_bytes() const noexcept;
  /// Moves what is in the log to where it belongs, as far as readers let it. Trouble is told by the next transaction.
  void checkpoint();
  void checkpoint_on_close();

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };
  friend class SqliteStatement;
  friend class SqliteTransaction;
  SqliteDb(sqlite3* handle, std::string path);
  void configure(const Options& options);
  void roll_back();
  Error error(int code);

  std::string path_;
  std::unique_ptr<int> log_frames_;  ///< written by SQLite's hook
  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
  std::optional<Error> failure_;
};

/// A transaction, undone unless it is committed. `db` must outlive it.
class SqliteTransaction {
 public:
  enum class Kind : std::uint8_t { read, write };
  [[nodiscard]] static Result<SqliteTransaction> begin(SqliteDb& db, Kind kind);
  SqliteTransaction(SqliteTransaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();
  [[nodiscard]] Status commit();

 private:
  explicit SqliteTransaction(SqliteDb& db) : db_(&db) {}
  SqliteDb* db_;
};

}  // namespace leeward
