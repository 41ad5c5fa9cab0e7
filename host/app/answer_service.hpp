#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "core/base/json.hpp"
#include "core/observe/observer.hpp"
#include "host/app/active_runs.hpp"
#include "host/net/local_socket.hpp"
#include "host/observe/console.hpp"

namespace leeward {

/// Where people answer what the runs of this process ask: says on the console that a task waits and how to answer it,
/// and takes the answers that `leeward runs answer` brings over a socket in the home folder. The socket is there from
/// the first question on. One a process, told by all engines. Thread-safe; what it refers to must outlive it.
class AnswerService final : public Observer {
 public:
  /// `home_option`: what the shown command must say to find this home, such as " --home /srv"; or nothing.
  AnswerService(std::filesystem::path home, std::string home_option, const ActiveRuns& runs, Console& console);

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
  void open();
  [[nodiscard]] std::string answer(const std::string& line, uid_t peer) const;
  [[nodiscard]] std::string take_answer(Json said, uid_t peer) const;

  const std::filesystem::path home_;
  const std::string home_option_;
  const ActiveRuns& runs_;
  Console& console_;
  mutable std::mutex mutex_;
  std::map<Key, Question> questions_;  ///< guarded by mutex_
  std::once_flag opened_;
  std::unique_ptr<LocalServer> server_;  ///< goes first: its thread uses the others
};

/// The folder of the sockets.
[[nodiscard]] std::filesystem::path answer_folder(const std::filesystem::path& home);

}  // namespace leeward
