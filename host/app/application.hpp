#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/load/dag_loader.hpp"
#include "core/observe/observer.hpp"
#include "host/app/answer_service.hpp"
#include "host/app/connections.hpp"
#include "host/app/run_launcher.hpp"
#include "host/app/run_session.hpp"
#include "host/app/secret_source.hpp"
#include "host/app/settings.hpp"
#include "host/app/stored_runs.hpp"
#include "host/mock/mock_llm.hpp"
#include "host/net/http_client.hpp"
#include "host/observe/log.hpp"
#include "host/observe/run_log.hpp"
#include "host/plugin/local_http_gateway.hpp"
#include "host/plugin/plugin_registry.hpp"
#include "host/runner/isolation.hpp"

namespace leeward {

/// Constructs and connects everything, and nobody else does: settings, log, connections, HTTP client, plugins, runs,
/// and the simulated LLM where it was asked for. One a process; used by one thread, and by the runs that its launcher
/// starts.
class Application final : private RunLauncher::Workshop {
 public:
  /// The simulated LLM, in this process, in place of every connection.
  struct Simulation {
    std::string script;  ///< JSON text; empty: unscripted answers
    std::string script_name;
  };

  /// Null if the configuration has mistakes, or the simulation cannot start: then `errors` says what. Plugins that
  /// cannot be loaded are no reason to stop; they are told in the log. `runs`: where they are recorded; null: it will
  /// run nothing. `console` must outlive the application.
  [[nodiscard]] static std::unique_ptr<Application> open(Settings settings, const std::optional<Simulation>& simulation,
                                                         std::unique_ptr<StoredRuns> runs, Console& console,
                                                         Errors& errors);

  [[nodiscard]] PluginRegistry& plugins() noexcept { return *plugins_; }
  [[nodiscard]] const PluginRegistry& plugins() const noexcept { return *plugins_; }
  [[nodiscard]] Log& log() noexcept { return log_; }
  [[nodiscard]] const Clock& clock() const noexcept override { return clock_; }
  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  /// Where the simulated LLM listens; nothing without one.
  [[nodiscard]] std::optional<std::string> simulated_at() const;

  /// Reads and checks a DAG file.
  [[nodiscard]] LoadedDag load(const std::string& file) const;
  /// What this host lacks to run the DAG: a mistake for each connection that is not there or whose key cannot be had,
  /// at its first task, and those of check_pools().
  [[nodiscard]] Errors unmet_needs(const Dag& dag) const;

  // REQUIRES of the following: it was opened with runs.
  [[nodiscard]] StoredRuns& runs() noexcept { return *runs_; }
  [[nodiscard]] RunLauncher& launcher() noexcept { return *launcher_; }
  /// A run that was recorded before, with the DAG as it was then; nothing after the reasons why not: store.unknown_run,
  /// and mistakes in its text, which may come of plugins that have gone.
  [[nodiscard]] std::optional<RunLauncher::StoredRun> find_stored(const std::string& run_id, Errors& errors) const;
  /// The same of one that has not ended. Code also run.ended.
  [[nodiscard]] std::optional<RunLauncher::StoredRun> find_unfinished(const std::string& run_id, Errors& errors) const;
  /// A run that the user asked for. Codes run.owned, home.unusable.
  [[nodiscard]] Result<std::unique_ptr<RunSession>> session(std::shared_ptr<const Dag> dag, RunInfo info,
                                                            AttemptListener& listener,
                                                            std::vector<Observer*> observers);
  /// One to go on with. Codes also run.ended, store.unknown_run.
  [[nodiscard]] Result<std::unique_ptr<RunSession>> session(RunLauncher::StoredRun run, AttemptListener& listener,
                                                            std::vector<Observer*> observers);

 private:
  [[nodiscard]] LoadedDag load_to_run(const std::string& file) const override;
  [[nodiscard]] Result<RunLauncher::StoredRun> load_stored(const std::string& run_id) const override;
  [[nodiscard]] Result<std::unique_ptr<RunSession>> new_session(std::shared_ptr<const Dag> dag, RunInfo info,
                                                                ActiveRuns::Place place) override;
  [[nodiscard]] Result<std::unique_ptr<RunSession>> stored_session(std::shared_ptr<const Dag> dag,
                                                                   const std::string& run_id,
                                                                   ActiveRuns::Place place) override;
  void lost(const RunInfo& run, const Error& why) override;
  [[nodiscard]] LoadedDag load_kept(const DagSource& source) const;
  [[nodiscard]] LoadedDag load_text(std::string text, const std::string& file, const std::string& kept_as) const;

  /// Who is told of a run.
  struct Audience {
    AttemptListener& listener;
    std::vector<Observer*> observers;
  };
  [[nodiscard]] Audience nobody_in_particular() noexcept { return {run_log_, {&run_log_}}; }
  [[nodiscard]] Result<std::unique_ptr<RunSession>> begin(std::shared_ptr<const Dag> dag, RunInfo info,
                                                          ActiveRuns::Place place, Audience audience);
  [[nodiscard]] Result<std::unique_ptr<RunSession>> take_up(std::shared_ptr<const Dag> dag, const std::string& run_id,
                                                            ActiveRuns::Place place, Audience audience);
  [[nodiscard]] std::unique_ptr<RunSession> session_of(RunSession::Subject subject, Audience audience);
  [[nodiscard]] RunSession::Shared shared() noexcept;

  Application(Settings settings, std::unique_ptr<StoredRuns> runs, Console& console);
  bool load_plugins(const Config& config, Errors& errors);
  void warn_of_strange_names(const Config& config);
  void warn_of_sandbox_gaps();
  bool simulate(const Simulation& simulation, Errors& errors);

  const Settings settings_;
  SecretVault vault_;  ///< goes last: whatever is said passes it
  const SecretSource secrets_{settings_.environment, vault_};
  Log log_;
  RunLog run_log_{log_};
  SystemClock clock_;
  std::unique_ptr<AttemptLog> attempt_log_;
  ActiveRuns active_runs_;
  AnswerService answers_;
  std::unique_ptr<StoredRuns> runs_;
  mutable std::mutex kept_dags_mutex_;
  /// Of stored runs, by file: many runs share one, and it is made once while anybody has it. Guarded by
  /// kept_dags_mutex_.
  mutable std::map<std::string, std::weak_ptr<const Dag>> kept_dags_;
  std::unique_ptr<PoolTable> pools_;
  std::vector<std::string> pool_names_;
  std::unique_ptr<MockLlm> mock_;
  std::unique_ptr<Connections> connections_;
  std::unique_ptr<LocalHttpGateway> gateway_;
  std::unique_ptr<ClientTimers> timers_;
  std::unique_ptr<PluginGuard> guard_;
  std::unique_ptr<IsolatedPlugins> outside_;
  std::unique_ptr<PluginRegistry> plugins_;
  std::unique_ptr<SecretGrants> grants_;
  std::unique_ptr<HttpClient> http_;       ///< goes before them: its end answers what plugins still wait for
  std::unique_ptr<RunLauncher> launcher_;  ///< goes first: its runs use all the others
};

}  // namespace leeward
