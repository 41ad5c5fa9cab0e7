#include "tests/faults/fault_vfs.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>

#include <sqlite3.h>

namespace leeward::test {

struct FaultVfs::Handle {
  FaultVfs* vfs;
  std::string name;
  std::shared_ptr<SimulatedDisk::File> file;
  std::shared_ptr<Shared> shared;
  int lock = SQLITE_LOCK_NONE;
  unsigned shm_shared = 0;  ///< a bit for each of its locks on the shared memory
  unsigned shm_exclusive = 0;
  bool keeps_log = false;
  bool delete_on_close = false;
};

namespace {

using Handle = FaultVfs::Handle;
using Trouble = SimulatedDisk::Trouble;

struct SqliteFile {
  sqlite3_file base;
  Handle* handle;
};

Handle& handle_of(sqlite3_file* file) { return *reinterpret_cast<SqliteFile*>(file)->handle; }

int code_of(Trouble trouble, int io_error) {
  switch (trouble) {
    case Trouble::none: return SQLITE_OK;
    case Trouble::no_space: return errno = ENOSPC, io_error == SQLITE_IOERR_WRITE ? SQLITE_FULL : io_error;
    case Trouble::power_cut:
    case Trouble::io_error: break;
  }
  return errno = EIO, io_error;
}

int x_close(sqlite3_file* file) {
  Handle* handle = &handle_of(file);
  const std::lock_guard lock(handle->vfs->mutex);
  if (handle->shared) {
    std::erase(handle->shared->handles, handle);
    if (handle->shared->handles.empty()) handle->vfs->shared_of.erase(handle->name);
  }
  if (handle->delete_on_close) static_cast<void>(handle->vfs->disk().remove(handle->name, false));
  delete handle;
  return SQLITE_OK;
}

int x_read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  Handle& handle = handle_of(file);
  const auto wanted = static_cast<std::size_t>(size);
  std::string bytes;
  const Trouble trouble = handle.vfs->disk().read(*handle.file, static_cast<std::uint64_t>(offset), wanted, bytes);
  if (trouble != Trouble::none) return code_of(trouble, SQLITE_IOERR_READ);
  std::memcpy(to, bytes.data(), bytes.size());
  if (bytes.size() == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + bytes.size(), 0, wanted - bytes.size());
  return SQLITE_IOERR_SHORT_READ;
}

int x_write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  Handle& handle = handle_of(file);
  const std::string_view bytes{static_cast<const char*>(from), static_cast<std::size_t>(size)};
  return code_of(handle.vfs->disk().write(*handle.file, static_cast<std::uint64_t>(offset), bytes), SQLITE_IOERR_WRITE);
}

int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = handle_of(file);
  return code_of(handle.vfs->disk().truncate(*handle.file, static_cast<std::uint64_t>(size)), SQLITE_IOERR_TRUNCATE);
}

int x_sync(sqlite3_file* file, int) {
  Handle& handle = handle_of(file);
  return code_of(handle.vfs->disk().sync(*handle.file, handle.name), SQLITE_IOERR_FSYNC);
}

int x_file_size(sqlite3_file* file, sqlite3_int64* size) {
  Handle& handle = handle_of(file);
  std::uint64_t bytes = 0;
  const Trouble trouble = handle.vfs->disk().size(*handle.file, bytes);
  *size = static_cast<sqlite3_int64>(bytes);
  return code_of(trouble, SQLITE_IOERR_FSTAT);
}

int x_lock(sqlite3_file* file, int level) {
  Handle& handle = handle_of(file);
  const std::lock_guard lock(handle.vfs->mutex);
  if (handle.lock >= level) return SQLITE_OK;
  if (const Trouble trouble = handle.vfs->disk().lock(); trouble != Trouble::none) {
    return code_of(trouble, SQLITE_IOERR_LOCK);
  }
  int others = SQLITE_LOCK_NONE;
  for (const Handle* other : handle.shared->handles) {
    if (other != &handle) others = std::max(others, other->lock);
  }
  if (level == SQLITE_LOCK_SHARED && others >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
  if (level > SQLITE_LOCK_SHARED && others >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE && others >= SQLITE_LOCK_SHARED) {
    handle.lock = std::max(handle.lock, SQLITE_LOCK_PENDING);
    return SQLITE_BUSY;
  }
  handle.lock = level;
  return SQLITE_OK;
}

int x_unlock(sqlite3_file* file, int level) {
  Handle& handle = handle_of(file);
  const std::lock_guard lock(handle.vfs->mutex);
  handle.lock = std::min(handle.lock, level);
  return SQLITE_OK;
}

int x_check_reserved_lock(sqlite3_file* file, int* result) {
  Handle& handle = handle_of(file);
  const std::lock_guard lock(handle.vfs->mutex);
  const auto& handles = handle.shared->handles;
  *result =
      std::any_of(handles.begin(), handles.end(), [](const Handle* h) { return h->lock >= SQLITE_LOCK_RESERVED; });
  return code_of(handle.vfs->disk().lock(), SQLITE_IOERR_CHECKRESERVEDLOCK);
}

int x_file_control(sqlite3_file* file, int operation, void* argument) {
  if (operation != SQLITE_FCNTL_PERSIST_WAL) return SQLITE_NOTFOUND;
  Handle& handle = handle_of(file);
  int& value = *static_cast<int*>(argument);
  if (value >= 0) handle.keeps_log = value != 0;
  value = handle.keeps_log ? 1 : 0;
  return SQLITE_OK;
}

int x_sector_size(sqlite3_file*) { return 4096; }
/// What SQLite takes for granted of every disk today: a write leaves the bytes beside it alone.
int x_device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int x_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  Handle& handle = handle_of(file);
  const std::lock_guard lock(handle.vfs->mutex);
  auto& regions = handle.shared->memory;
  const auto wanted = static_cast<std::size_t>(region);
  *memory = nullptr;
  if (wanted >= regions.size()) {
    if (extend == 0) return SQLITE_OK;
    const Trouble trouble = handle.vfs->disk().other_call();
    if (trouble != Trouble::none) return code_of(trouble, SQLITE_IOERR_SHMSIZE);
    while (wanted >= regions.size()) regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  }
  *memory = regions[wanted].get();
  return SQLITE_OK;
}

int x_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  Handle& handle = handle_of(file);
  const std::lock_guard lock(handle.vfs->mutex);
  FaultVfs::Shared& shared = *handle.shared;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const bool taking = (flags & SQLITE_SHM_LOCK) != 0;
  const Trouble trouble = taking ? handle.vfs->disk().lock() : Trouble::none;
  if (trouble != Trouble::none) return code_of(trouble, SQLITE_IOERR_SHMLOCK);
  for (int i = offset; taking && i < offset + count; ++i) {
    const unsigned bit = 1u << i;
    const int readers = shared.shm_readers[i] - ((handle.shm_shared & bit) != 0 ? 1 : 0);
    const bool written = shared.shm_writer[i] && (handle.shm_exclusive & bit) == 0;
    if (written || (exclusive && readers > 0)) return SQLITE_BUSY;
  }
  for (int i = offset; i < offset + count; ++i) {
    const unsigned bit = 1u << i;
    unsigned& mine = exclusive ? handle.shm_exclusive : handle.shm_shared;
    if (((mine & bit) != 0) == taking) continue;
    mine ^= bit;
    if (exclusive) {
      shared.shm_writer[i] = taking;
    } else {
      shared.shm_readers[i] += taking ? 1 : -1;
    }
  }
  return SQLITE_OK;
}

/// By a lock: the thread sanitizer knows nothing of fences.
void x_shm_barrier(sqlite3_file*) {
  static std::mutex mutex;
  const std::lock_guard lock{mutex};
}
int x_shm_unmap(sqlite3_file*, int) { return SQLITE_OK; }

const sqlite3_io_methods kMethods = {2,
                                     x_close,
                                     x_read,
                                     x_write,
                                     x_truncate,
                                     x_sync,
                                     x_file_size,
                                     x_lock,
                                     x_unlock,
                                     x_check_reserved_lock,
                                     x_file_control,
                                     x_sector_size,
                                     x_device_characteristics,
                                     x_shm_map,
                                     x_shm_lock,
                                     x_shm_barrier,
                                     x_shm_unmap,
                                     nullptr,
                                     nullptr};

FaultVfs& vfs_of(sqlite3_vfs* vfs) { return *static_cast<FaultVfs*>(vfs->pAppData); }

int x_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  FaultVfs& self = vfs_of(vfs);
  static std::atomic<unsigned> nameless = 0;
  const std::string called = name != nullptr ? name : "temporary-" + std::to_string(++nameless);
  std::shared_ptr<SimulatedDisk::File> found;
  const Trouble trouble = self.disk().open(called, (flags & SQLITE_OPEN_CREATE) != 0, found);
  if (trouble != Trouble::none) return code_of(trouble, SQLITE_CANTOPEN);
  if (!found) return errno = ENOENT, SQLITE_CANTOPEN;
  auto* const handle = new Handle{&self, called, std::move(found), nullptr};
  handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  {
    const std::lock_guard lock(self.mutex);
    auto& shared = self.shared_of[called];
    if (!shared) shared = std::make_shared<FaultVfs::Shared>();
    shared->handles.push_back(handle);
    handle->shared = shared;
  }
  reinterpret_cast<SqliteFile*>(file)->handle = handle;
  file->pMethods = &kMethods;
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int x_delete(sqlite3_vfs* vfs, const char* name, int sync) {
  SimulatedDisk& disk = vfs_of(vfs).disk();
  return code_of(disk.remove(name, sync != 0), SQLITE_IOERR_DELETE);
}

int x_access(sqlite3_vfs* vfs, const char* name, int, int* result) {
  bool there = false;
  const Trouble trouble = vfs_of(vfs).disk().exists(name, there);
  *result = there ? 1 : 0;
  return code_of(trouble, SQLITE_IOERR_ACCESS);
}

int x_full_pathname(sqlite3_vfs*, const char* name, int size, char* to) {
  sqlite3_snprintf(size, to, "%s", name);
  return SQLITE_OK;
}

int x_randomness(sqlite3_vfs*, int size, char* to) {
  return sqlite3_vfs_find(nullptr)->xRandomness(sqlite3_vfs_find(nullptr), size, to);
}
int x_sleep(sqlite3_vfs*, int microseconds) {
  return sqlite3_vfs_find(nullptr)->xSleep(sqlite3_vfs_find(nullptr), microseconds);
}
int x_current_time(sqlite3_vfs*, sqlite3_int64* milliseconds) { return *milliseconds = 0, SQLITE_OK; }
int x_last_error(sqlite3_vfs*, int, char*) { return errno; }

}  // namespace

FaultVfs::FaultVfs(SimulatedDisk& disk) : disk_(disk), vfs_(std::make_unique<sqlite3_vfs>()) {
  static std::atomic<unsigned> count = 0;
  name_ = "faults-" + std::to_string(++count);
  vfs_->iVersion = 2;
  vfs_->szOsFile = sizeof(SqliteFile);
  vfs_->mxPathname = 512;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = x_open;
  vfs_->xDelete = x_delete;
  vfs_->xAccess = x_access;
  vfs_->xFullPathname = x_full_pathname;
  vfs_->xRandomness = x_randomness;
  vfs_->xSleep = x_sleep;
  vfs_->xGetLastError = x_last_error;
  vfs_->xCurrentTimeInt64 = x_current_time;
  sqlite3_vfs_register(vfs_.get(), 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(vfs_.get()); }

}  // namespace leeward::test
