#include "core/store/sqlite_db.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <sqlite3.h>
#include <sys/stat.h>

#include "core/base/assert.hpp"
#include "core/base/seeded_bug.hpp"

namespace leeward {
namespace {

constexpr std::int64_t kFrameHeader = 24;  // SQLite's file format, 4.1
constexpr std::int64_t kLogHeader = 32;
constexpr std::int64_t kPage = 4096;

std::string_view store_code(int code, int system_errno) {
  const bool no_room = system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
  switch (code & 0xff) {
    case SQLITE_FULL: return "store.full";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "store.corrupt";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "store.locked";
    case SQLITE_READONLY:
    case SQLITE_PERM: return "store.read_only";
    case SQLITE_CONSTRAINT: return "store.conflict";
    case SQLITE_ERROR: return "store.corrupt";  // our statements are right: the tables they speak of are not there
    default: return no_room ? "store.full" : "store.io";
  }
}

std::string words_of(int code, sqlite3* handle, int system_errno) {
  std::string words = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const int kind = code & 0xff;
  const bool of_the_system = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN || kind == SQLITE_FULL;
  if (of_the_system && system_errno != 0) words += " (" + std::generic_category().message(system_errno) + ")";
  if (kind == SQLITE_BUSY) words += ": another process has been writing to it for too long";
  return words;
}

/// SQLite forgets what the system said when it is a commit that fails.
int system_errno_of(sqlite3* handle) {
  const int last = errno;
  const int told = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  return told != 0 ? told : last;
}

/// REQUIRES: errno was 0 before the call that failed.
Error error_of(int code, sqlite3* handle, const std::string& path) {
  const int system_errno = system_errno_of(handle);
  return {std::string{store_code(code, system_errno)}, "store " + path + ": " + words_of(code, handle, system_errno)};
}

}  // namespace

// SqliteStatement

SqliteStatement::~SqliteStatement() {
  if (handle_ == nullptr) return;
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

void SqliteStatement::note(int code) {
  if (code != SQLITE_OK && trouble_ == SQLITE_OK) trouble_ = code;
}

SqliteStatement& SqliteStatement::bind(int parameter, std::int64_t value) {
  return note(sqlite3_bind_int64(handle_, parameter, value)), *this;
}

SqliteStatement& SqliteStatement::bind(int parameter, std::string_view text) {
  const char* const bytes = text.data() != nullptr ? text.data() : "";  // a null pointer would be NULL
  return note(sqlite3_bind_text64(handle_, parameter, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8)), *this;
}

SqliteStatement& SqliteStatement::bind_null(int parameter) {
  return note(sqlite3_bind_null(handle_, parameter)), *this;
}

Result<bool> SqliteStatement::step() {
  errno = 0;
  const int code = trouble_ != SQLITE_OK ? std::exchange(trouble_, SQLITE_OK) : sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return db_->error(code);
}

Status SqliteStatement::run() {
  const auto stepped = step();
  sqlite3_reset(handle_);
  if (!stepped) return stepped.error();
  LW_ASSERT(!*stepped, "a statement that is only run gives no rows");
  return done();
}

std::int64_t SqliteStatement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view SqliteStatement::text(int column) const {
  const auto* const bytes = sqlite3_column_blob(handle_, column);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

bool SqliteStatement::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

bool SqliteStatement::is_integer(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_INTEGER; }

// SqliteDb

void SqliteDb::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void SqliteDb::Finalize::operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }

SqliteDb::SqliteDb(sqlite3* handle, std::string path)
    : path_(std::move(path)), log_frames_(std::make_unique<int>(0)), handle_(handle) {}
SqliteDb::SqliteDb(SqliteDb&&) noexcept = default;
SqliteDb& SqliteDb::operator=(SqliteDb&&) noexcept = default;
SqliteDb::~SqliteDb() = default;

Result<SqliteDb> SqliteDb::open(const Options& options) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (options.access == Access::create) {
    flags |= SQLITE_OPEN_CREATE;
    // SQLite would make it readable for all. It must not be opened here: closing it would end locks that SQLite holds.
    // Its log gets the same permissions. What keeps it from being made, SQLite tells better.
    if (options.vfs.empty()) static_cast<void>(::mknod(options.path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0));
  }
  sqlite3* handle = nullptr;
  const char* const vfs = options.vfs.empty() ? nullptr : options.vfs.c_str();
  errno = 0;
  const int code = sqlite3_open_v2(options.path.c_str(), &handle, flags, vfs);
  SqliteDb db{handle, options.path};
  if (code != SQLITE_OK) return error_of(code, handle, options.path);
  db.configure(options);
  return db;
}

void SqliteDb::configure(const Options& options) {
  sqlite3* const handle = handle_.get();
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  int persist = 1;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
  sqlite3_wal_hook(
      handle,
      [](void* frames, sqlite3*, const char*, int count) {
        *static_cast<int*>(frames) = count;
        return SQLITE_OK;
      },
      log_frames_.get());
}

Error SqliteDb::error(int code) {
  Error error = error_of(code, handle_.get(), path_);
  const bool harmless = error.code == "store.conflict" || error.code == "store.locked";
  if (!failure_ && !harmless) failure_ = error;
  return error;
}

Status SqliteDb::run(const char* sql) {
  errno = 0;
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return done();
}

Result<SqliteStatement> SqliteDb::statement(std::string_view sql) {
  auto& kept = statements_[sql];
  if (!kept) {
    sqlite3_stmt* made = nullptr;
    errno = 0;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (code != SQLITE_OK) return error(code);
    kept.reset(made);
  }
  LW_ASSERT(sqlite3_stmt_busy(kept.get()) == 0, "a statement does one thing at a time");
  return SqliteStatement{*this, kept.get()};
}

Result<std::int64_t> SqliteDb::ask(std::string_view sql) {
  auto statement = this->statement(sql);
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  return *row ? statement->integer(0) : 0;
}

Result<std::string> SqliteDb::ask_text(std::string_view sql) {
  auto statement = this->statement(sql);
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  return std::string{*row ? statement->text(0) : std::string_view{}};
}

std::int64_t SqliteDb::last_row_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

void SqliteDb::roll_back() {
  // After some errors SQLite has done so by itself. Others are told by whatever comes next.
  if (sqlite3_get_autocommit(handle_.get()) == 0) sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<bool> SqliteDb::lost_its_content() {
  sqlite3_file* file = nullptr;
  sqlite3_vfs* vfs = nullptr;
  sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_VFS_POINTER, static_cast<void*>(&vfs));
  sqlite3_int64 size = 0;
  errno = 0;
  if (const int code = file->pMethods->xFileSize(file, &size); code != SQLITE_OK) return error(code);
  if (size != 0) return false;
  int has_log = 0;  // one that is not empty
  const std::string log = path_ + "-wal";
  if (const int code = vfs->xAccess(vfs, log.c_str(), SQLITE_ACCESS_EXISTS, &has_log); code != SQLITE_OK) {
    return error(code);
  }
  return has_log != 0;
}

Status SqliteDb::grow_log(std::int64_t bytes) {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
  if (log == nullptr || log->pMethods == nullptr) return done();
  sqlite3_int64 size = 0;
  errno = 0;
  if (const int code = log->pMethods->xFileSize(log, &size); code != SQLITE_OK) return error(code);
  static constexpr char kZeros[64 << 10] = {};
  for (; size < bytes; size += static_cast<sqlite3_int64>(sizeof kZeros)) {
    const int code = log->pMethods->xWrite(log, kZeros, sizeof kZeros, size);
    if (code != SQLITE_OK) return error(code);
  }
  return done();
}

std::int64_t SqliteDb::log_bytes() const noexcept { return kLogHeader + *log_frames_ * (kFrameHeader + kPage); }

void SqliteDb::checkpoint() {
  errno = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) static_cast<void>(error(code));
}

void SqliteDb::checkpoint_on_close() { sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr); }

// SqliteTransaction

Result<SqliteTransaction> SqliteTransaction::begin(SqliteDb& db, Kind kind) {
  if (seeded_bug(SeededBug::ack_before_commit) && sqlite3_get_autocommit(db.handle_.get()) == 0) {
    static_cast<void>(db.run("COMMIT"));
  }
  auto statement = db.statement(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
  if (!statement) return statement.error();
  if (const Status begun = statement->run(); !begun) return begun.error();
  return SqliteTransaction{db};
}

SqliteTransaction::~SqliteTransaction() {
  if (db_ != nullptr) db_->roll_back();
}

Status SqliteTransaction::commit() {
  if (seeded_bug(SeededBug::ack_before_commit)) return db_ = nullptr, done();
  auto statement = db_->statement("COMMIT");
  if (!statement) return statement.error();
  Status committed = statement->run();
  if (committed) db_ = nullptr;
  return committed;
}

}  // namespace leeward
