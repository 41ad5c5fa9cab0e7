#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace leeward::test {

/// A disk in memory that does what disks do at the worst moment: it loses power with some writes on their way, has no
/// room left, or cannot be written to. Thread-safe.
///
/// What was not synced is kept apart. When the power comes back, each of its sectors of 512 bytes may be there or not,
/// whatever the order they were written in; a new file may be there or not, a deleted one may have come back.
class SimulatedDisk {
 public:
  enum class Trouble : std::uint8_t { none, power_cut, io_error, no_space };
  enum class Duration : std::uint8_t { once, for_ever };
  /// What happens at the operation of this number, from 0. After a cut nothing works until restart().
  struct Fault {
    std::uint64_t at = UINT64_MAX;
    Trouble trouble = Trouble::none;
    Duration duration = Duration::once;
  };
  /// Which syncs do nothing, though they say otherwise.
  enum class Lies : std::uint8_t { none, log, all };
  /// Which operations count, and can go wrong: those that change something, or whoever looks and locks as well.
  enum class Counts : std::uint8_t { changes, everything };

  struct File {
    std::string content;  ///< as the process sees it
    std::string durable;  ///< as it is on the disk, whatever happens
    struct Write {
      std::uint64_t offset;
      std::string bytes;
    };
    std::vector<Write> unsynced;    ///< in order; a truncation is one without bytes
    bool entry_is_durable = false;  ///< its name is
  };

  explicit SimulatedDisk(Lies lies = Lies::none, Counts counts = Counts::changes) : lies_(lies), counts_(counts) {}

  void arm(Fault fault);
  /// Operations since the last restart that can go wrong.
  [[nodiscard]] std::uint64_t operations() const;
  /// Whether the fault came.
  [[nodiscard]] bool struck() const;

  /// The machine comes up again. After a loss of power: what was not synced is there as chance wants it. Without a seed
  /// only the process died, and all that it wrote is there.
  void restart(std::optional<std::uint64_t> seed);

  // What a process does. Each may meet the trouble that was armed. Who looks and locks does not if only changes count,
  // but for a disk without power.
  [[nodiscard]] Trouble open(const std::string& name, bool create, std::shared_ptr<File>& file);
  [[nodiscard]] Trouble remove(const std::string& name, bool sync);
  [[nodiscard]] Trouble exists(const std::string& name, bool& there);
  [[nodiscard]] Trouble read(const File& file, std::uint64_t offset, std::size_t size, std::string& bytes);
  [[nodiscard]] Trouble write(File& file, std::uint64_t offset, std::string_view bytes);
  [[nodiscard]] Trouble truncate(File& file, std::uint64_t size);
  [[nodiscard]] Trouble sync(File& file, const std::string& name);
  [[nodiscard]] Trouble size(const File& file, std::uint64_t& bytes);
  /// Taking a lock, or asking for one.
  [[nodiscard]] Trouble lock();
  /// Any other call that can fail.
  [[nodiscard]] Trouble other_call();

  /// Flips bits of what is on the disk, for tests of damage.
  void damage(const std::string& name, std::uint64_t offset, std::string_view bytes);
  [[nodiscard]] std::string content(const std::string& name) const;
  void put(const std::string& name, std::string content);
  /// Its files become those of the other one, which stays as it is.
  void copy(const SimulatedDisk& other);

 private:
  [[nodiscard]] Trouble next_operation();
  [[nodiscard]] Trouble next_look();
  static void apply(std::string& content, const File::Write& write);
  static std::string after_power_loss(const File& file, std::mt19937_64& random);

  const Lies lies_;
  const Counts counts_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::map<std::string, std::shared_ptr<File>> removed_;  ///< not durably
  Fault fault_;
  std::uint64_t operations_ = 0;
  bool struck_ = false;
};

}  // namespace leeward::test
