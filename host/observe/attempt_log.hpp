#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/exec/operator.hpp"
#include "core/observe/observer.hpp"
#include "host/observe/attempt_log_writer.hpp"
#include "host/observe/log.hpp"

namespace leeward {

/// Keeps what attempts say in files of their own (attempt_log_files.hpp): log lines, progress notes, output, and how
/// each attempt ended. One that says nothing and does not fail leaves no file, so that a hundred thousand tasks do not
/// make a hundred thousand files. Never blocks and never fails a task. One a process, for all its runs. Thread-safe;
/// `log` and `clock` must outlive it.
class AttemptLog final : public Observer, public AttemptListener {
 public:
  struct Limits {
    std::uint64_t attempt_bytes = std::uint64_t{16} << 20;  ///< of one attempt's file; 0: no logs at all
    std::uint64_t total_bytes = std::uint64_t{1} << 30;     ///< of all; the oldest runs' go when a run starts
  };

  AttemptLog(std::filesystem::path home, Limits limits, Log& log, const Clock& clock);

  /// Before the run's first event.
  void run_begins(const RunInfo& run);
  /// After its last one: returns when all is written, or the disk takes too long.
  void run_ended(const RunInfo& run);

  void on_events(const RunInfo& run, const Dag& dag, std::span<const Event> events) override;
  void on_log(const TaskCall& call, LogLevel level, std::string_view message, std::string_view fields_json) override;
  void on_progress(const TaskCall& call, double fraction, std::string_view note) override;
  /// Always true: what cannot be kept is dropped, and counted.
  bool on_output(const TaskCall& call, std::string_view channel, std::string_view chunk) override;

 private:
  using File = AttemptLogWriter::File;
  using FilePtr = std::shared_ptr<File>;
  struct RunFiles {
    std::filesystem::path folder;
    std::unordered_map<std::uint64_t, FilePtr> files;  ///< by instance and try
  };

  [[nodiscard]] bool enabled() const noexcept { return limits_.attempt_bytes > 0; }
  [[nodiscard]] FilePtr file_of(const TaskCall& call);
  [[nodiscard]] FilePtr find(const RunInfo& run, const Event& event, const Task& task, bool make);
  void tell_end(const RunInfo& run, const Dag& dag, const Event& event);
  void sweep();

  const std::filesystem::path home_;
  const Limits limits_;
  const Clock& clock_;
  std::mutex mutex_;                                   ///< guards the rest
  std::map<std::string, RunFiles, std::less<>> runs_;  ///< those that go on, by run id
  bool sweeps_ = false;                                ///< one waits for the writer
  AttemptLogWriter writer_;                            ///< goes first
};

/// Tells two listeners what attempts say. Output counts as taken when the first takes it, and only then does the second
/// hear it.
class ListenerPair final : public AttemptListener {
 public:
  ListenerPair(AttemptListener& first, AttemptListener& second) : first_(first), second_(second) {}
  void on_log(const TaskCall& call, LogLevel level, std::string_view message, std::string_view fields_json) override {
    first_.on_log(call, level, message, fields_json);
    second_.on_log(call, level, message, fields_json);
  }
  void on_progress(const TaskCall& call, double fraction, std::string_view note) override {
    first_.on_progress(call, fraction, note);
    second_.on_progress(call, fraction, note);
  }
  bool on_output(const TaskCall& call, std::string_view channel, std::string_view chunk) override {
    return first_.on_output(call, channel, chunk) && second_.on_output(call, channel, chunk);
  }

 private:
  AttemptListener& first_;
  AttemptListener& second_;
};

}  // namespace leeward
