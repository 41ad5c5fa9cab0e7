#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/exec/operator.hpp"
#include "core/observe/observer.hpp"
#include "host/observe/console.hpp"
#include "host/observe/log.hpp"

namespace leeward {

/// How a run is going, for whoever waits for it: on a terminal a block of tasks that redraws itself, otherwise a line
/// for each transition that people care about. Thousands of instances of one task are told as counts. Also takes what
/// attempts say while they run. Thread-safe; `console` and `log` must outlive it.
class TerminalProgress final : public Observer, public AttemptListener {
 public:
  TerminalProgress(Console& console, Log& log);
  ~TerminalProgress() override;
  /// Takes the block away; nothing is drawn any more.
  void close();
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;

  /// Of a run that is taken up: where its tasks stand. Tells nothing. Before it goes on.
  void restore(const Dag& dag, std::span<const Event> so_far);

  void on_events(const RunInfo& run, const Dag& dag, std::span<const Event> events) override;
  void on_callback_failed(const RunInfo& run, std::string_view task_id, CallbackMoment moment,
                          const TaskError& error) override;
  void on_log(const TaskCall& call, LogLevel level, std::string_view message, std::string_view fields_json) override;
  void on_progress(const TaskCall& call, double fraction, std::string_view note) override;
  bool on_output(const TaskCall& call, std::string_view channel, std::string_view chunk) override;

 private:
  static constexpr std::size_t kStates = static_cast<std::size_t>(TaskState::lost) + 1;
  /// A task of the DAG, all its instances together.
  struct Line {
    std::string id;
    std::uint32_t total = 1;
    std::array<std::uint32_t, kStates> counts{};
    std::uint32_t finished = 0;
    std::uint32_t told_tenths = 0;
    std::uint32_t told_failures = 0;
    std::uint32_t told_warnings = 0;
    std::set<int> looking;  ///< map indexes of the instances that were not ready and look again
    std::string note;       ///< the progress it told last, printable
    std::string output;     ///< the end of what it has written since, as written
  };

  /// Is a log line shown? `last`: it is the last one of its task.
  enum class Telling { told, last, untold };

  void know(const Dag& dag);
  /// Counts the event. Null: nobody needs to be told.
  Line* take(const Event& event);
  void tell(Line& line, const Event& event);
  static bool is_another_look(Line& line, const Event& event);
  void tell_many(Line& line, const Event& event);
  Telling telling(const TaskCall& call, LogLevel level);
  Line* line_of(const TaskCall& call);
  void draw();
  [[nodiscard]] std::string drawn(const Line& line, std::size_t id_columns) const;
  void redraw_until_closed();

  Console& console_;
  Log& log_;
  std::mutex mutex_;         ///< guards the rest
  std::vector<Line> lines_;  ///< by task index
  std::map<std::string, std::size_t, std::less<>> by_id_;
  bool changed_ = false;
  bool closing_ = false;
  std::condition_variable wake_;
  std::thread redraw_;
};

}  // namespace leeward
