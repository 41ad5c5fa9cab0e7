#pragma once

#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

#include "core/base/json.hpp"
#include "core/observe/observer.hpp"
#include "host/app/active_runs.hpp"
#include "host/net/local_socket.hpp"
#include "host/observe/console.hpp"

namespace leeward {

/// Where people reach the runs of this process from outside: says on the console that a task waits and how to answer
/// it, and takes over a socket in the home folder what `leeward runs answer` and `leeward runs cancel` bring. The
/// socket is there from the first run on. One a process, told by all engines. Thread-safe; what it refers to must
/// outlive it.
class AnswerService final : public Observer {
 public:
  /// `home_option`: what the shown command must say to find this home, such as " --home /srv"; or nothing.
  AnswerService(std::filesystem::path home, std::string home_option, const ActiveRuns& runs, Console& console);

  /// Before the first run of this process.
  void open();
  /// Of a run that is taken up: what it still asks. Before it goes on.
  void restore(const RunInfo& run, const Dag& dag, std::span<const Event> so_far);

  void on_events(const RunInfo& run, const Dag& dag, std::span<const Event> events) override;

  /// What there is to answer, as `leeward runs waiting --json` prints it: a list.
  [[nodiscard]] std::string waiting_json() const;

 private:
  using Key = std::tuple<std::string, std::string, int>;  ///< run, task, map index
  struct Question {
    std::string dag_id;
    Timestamp since;
    std::shared_ptr<const InputRequest> request;
  };

  void ask(const RunInfo& run, const std::string& task_id, const Event& event);
  void start_server();
  void take_away(const RunInfo& run, const std::string& task_id, int map_index);
  void stops(const std::string& run_id);
  [[nodiscard]] std::string answer(const std::string& line, uid_t peer);
  [[nodiscard]] std::string take_answer(Json said, uid_t peer) const;
  [[nodiscard]] std::string take_cancel(Json said);

  const std::filesystem::path home_;
  const std::string home_option_;
  const ActiveRuns& runs_;
  Console& console_;
  mutable std::mutex mutex_;
  std::map<Key, Question> questions_;  ///< guarded by mutex_
  std::condition_variable stopped_;
  std::set<std::string, std::less<>> stopping_;  ///< runs of which a stop is recorded; guarded by mutex_
  std::once_flag opened_;
  std::unique_ptr<LocalServer> server_;  ///< goes first: its thread uses the others
};

/// The folder of the sockets.
[[nodiscard]] std::filesystem::path answer_folder(const std::filesystem::path& home);

}  // namespace leeward
