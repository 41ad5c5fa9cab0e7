#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.hpp"
#include "host/observe/attempt_log_file.hpp"

namespace leeward {

/// Writes the lines of attempts to their files, on one thread of its own. Whoever adds a line never waits: a queue
/// holds what is to be written, and when it is full, or a file cannot be written, lines are dropped, and the log says
/// how many. A folder that somebody has removed is made again. What waits is limited whatever the lines are like: a
/// million line breaks are a million lines. Thread-safe.
class AttemptLogWriter {
 public:
  struct Limits {
    std::uint64_t attempt_bytes = std::uint64_t{16} << 20;  ///< of one file
    std::size_t queue_bytes = std::size_t{8} << 20;         ///< of what waits to be written
  };
  /// Hears once that files cannot be written, and why, and again after it went well in between. On the writer's thread.
  using Trouble = std::function<void(const std::string& why)>;

  /// One attempt's file: made by whoever logs, and used by the writer alone.
  struct File {
    File(AttemptLogName name, std::string first_line, std::uint64_t max_bytes)
        : log(std::move(name), std::move(first_line), max_bytes) {}
    AttemptLogFile log;         ///< the writer's thread
    bool touched = false;       ///< the same: has lines that wait
    std::uint64_t dropped = 0;  ///< lines that the queue had no room for; guarded by the writer's mutex
  };

  AttemptLogWriter(std::filesystem::path home, Limits limits, Trouble trouble);
  /// Writes what waits.
  ~AttemptLogWriter();
  AttemptLogWriter(const AttemptLogWriter&) = delete;
  AttemptLogWriter& operator=(const AttemptLogWriter&) = delete;

  [[nodiscard]] std::shared_ptr<File> file(AttemptLogName name, std::string first_line) const;
  /// `level` as it is shown, six letters at most. Each line of `text` becomes one of the file.
  void add(const std::shared_ptr<File>& file, Timestamp at, const char* level, std::string text);
  /// A piece of what the attempt puts out on a channel: written when its lines end.
  void add_output(const std::shared_ptr<File>& file, Timestamp at, std::string channel, std::string piece);
  /// Nothing comes for a while, or ever: the file is closed, and opened again if something does.
  void end(const std::shared_ptr<File>& file, Timestamp at);
  /// Work for the writer's thread, in its turn. Never dropped.
  void add_work(std::function<void()> work);
  /// end() of all of them, and waits until what they were given is written, for `patience` at most.
  void end_all(const std::vector<std::shared_ptr<File>>& files, Timestamp at, Duration patience);

 private:
  struct Item {
    std::shared_ptr<File> file;
    Timestamp at;
    const char* level = "";  ///< empty: output
    std::string channel;
    std::string text;
    std::uint64_t dropped = 0;  ///< of the file, before this one
    bool last = false;
    std::function<void()> work{};
  };
  /// Kept open at the same time.
  static constexpr std::size_t kMostOpen = 64;
  /// Lines of one file that wait for others, to be written together.
  static constexpr std::size_t kMostWaiting = std::size_t{256} << 10;

  [[nodiscard]] static std::size_t bytes_of(const Item& item) noexcept;
  void push(Item item);
  void run();
  void take(Item& item);
  void write_touched();
  void close(const std::shared_ptr<File>& file);

  const std::filesystem::path home_;
  const Limits limits_;
  const Trouble trouble_;
  bool told_ = false;                           ///< of trouble that still lasts; the writer's thread
  std::deque<std::shared_ptr<File>> open_;      ///< the writer's thread
  std::vector<std::shared_ptr<File>> touched_;  ///< the same

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> queue_;  ///< guarded by mutex_
  std::size_t queued_bytes_ = 0;
  std::uint64_t added_ = 0;    ///< items, ever
  std::uint64_t written_ = 0;  ///< of these
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace leeward
