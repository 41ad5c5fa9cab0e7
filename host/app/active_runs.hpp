#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/run_engine.hpp"

namespace leeward {

/// The runs that have an engine in this process, by id: where a run that another one starts finds what it descends
/// from, and an answer the run it is for. One a process. Thread-safe.
class ActiveRuns {
 public:
  /// Where a run stands among the others.
  struct Place {
    std::string dag_id;
    std::string file;                       ///< its DAG's, as this process opens it
    int depth = 0;                          ///< how many runs started each other to get here
    std::vector<std::string> waiting_dags;  ///< of the runs that wait for it, the nearest last
  };

  void enter(const std::string& run_id, Place place, RunEngine& engine);
  void leave(const std::string& run_id);

  [[nodiscard]] std::optional<Place> find(std::string_view run_id) const;
  /// Runs of the DAG that no other run started.
  [[nodiscard]] std::size_t count_first(std::string_view dag_id) const;
  /// RunEngine::answer of the run. False: there is none, and nobody is told.
  [[nodiscard]] bool answer(std::string_view run_id, std::string task_id, int map_index, Value said, std::string user,
                            std::function<void(Status)> told) const;
  /// RunEngine::cancel of the run. False: there is none.
  [[nodiscard]] bool cancel(std::string_view run_id) const;

 private:
  struct Active {
    Place place;
    RunEngine* engine = nullptr;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Active, std::less<>> runs_;  ///< guarded by mutex_
};

}  // namespace leeward
