#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/faults/simulated_disk.hpp"

struct sqlite3_vfs;

namespace leeward::test {

/// Lets SQLite work on a SimulatedDisk, with the locks and the shared memory that the connections of one process need.
/// `disk` must outlive it, and it must outlive every connection. Thread-safe.
class FaultVfs {
 public:
  explicit FaultVfs(SimulatedDisk& disk);
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  /// To open a database with.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] SimulatedDisk& disk() noexcept { return disk_; }

  struct Handle;
  /// What the connections to one file share.
  struct Shared {
    std::vector<Handle*> handles;
    std::vector<std::unique_ptr<char[]>> memory;
    int shm_readers[8] = {};
    bool shm_writer[8] = {};
  };
  std::mutex mutex;                                          ///< guards what follows
  std::map<std::string, std::shared_ptr<Shared>> shared_of;  ///< by file, while anybody has it open

 private:
  SimulatedDisk& disk_;
  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace leeward::test
