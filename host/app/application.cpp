#include "host/app/application.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "core/base/suggestion.hpp"
#include "host/app/guard_options.hpp"
#include "host/app/known_secrets.hpp"
#include "host/app/pool_check.hpp"
#include "host/app/text_file.hpp"
#include "host/net/url.hpp"
#include "host/observe/printable.hpp"
#include "host/process/sandbox.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

std::string authority_of(const std::string& url) {
  const Result<Url> parsed = parse_url(url);
  return parsed ? parsed->authority() : std::string{};
}

/// The home folder and the configuration, which may hold keys, are no plugin's business, whatever else is granted.
Isolation isolation_with(const Settings& settings, const Config& config) {
  Isolation isolation = config.isolation;
  std::error_code ignored;
  isolation.limits.hidden.push_back(std::filesystem::absolute(settings.home, ignored));
  if (settings.config_file)
    isolation.limits.hidden.push_back(std::filesystem::absolute(*settings.config_file, ignored));
  return isolation;
}

}  // namespace

Application::Application(Settings settings, std::unique_ptr<StoredRuns> runs, Console& console)
    : settings_(std::move(settings)),
      log_(console, settings_.log_level, &vault_),
      answers_(settings_.home, settings_.home_option(), active_runs_, console),
      runs_(std::move(runs)) {}

std::unique_ptr<Application> Application::open(Settings settings, const std::optional<Simulation>& simulation,
                                               std::unique_ptr<StoredRuns> runs, Console& console, Errors& errors) {
  std::unique_ptr<Application> app{new Application{std::move(settings), std::move(runs), console}};
  const Config config = app->settings_.config_file ? Config::read(*app->settings_.config_file, errors) : Config{};
  if (!errors.empty()) return nullptr;
  // Not through the log: whoever relies on a limit has to hear it at any --log-level.
  for (const Error& warning : config.warnings) console.line("warning: " + printable(to_string(warning)));
  const KnownSecrets known{config, app->settings_.environment};
  known.tell(app->secrets_, app->vault_);
  take_out_of_environment(known.variables());  // before anything runs that could inherit them
  for (const auto& [name, pool] : config.pools) app->pool_names_.push_back(name);
  app->pools_ = std::make_unique<PoolTable>(config.pools);
  app->attempt_log_ = std::make_unique<AttemptLog>(app->settings_.home, config.logs, app->log_, app->clock_);
  app->connections_ = std::make_unique<Connections>(config, app->settings_.environment, app->secrets_, app->vault_);
  if (simulation && !app->simulate(*simulation, errors)) return nullptr;
  HttpClient::Options http;
  http.environment = app->settings_.environment;
  http.ca_file = lookup(app->settings_.environment, "LEEWARD_CA_FILE").value_or("");
  // A proxy's 127.0.0.1 is another machine's.
  if (app->mock_) http.no_proxy_for = authority_of(app->mock_->base_url());
  app->http_ = std::make_unique<HttpClient>(std::move(http));
  app->gateway_ = std::make_unique<LocalHttpGateway>(*app->http_, *app->connections_,
                                                     app->runs_ ? app->runs_->calls() : nullptr, &app->log_);
  app->timers_ = std::make_unique<ClientTimers>(*app->http_);
  RunLauncher::Workshop& workshop = *app;
  if (app->runs_) app->launcher_ = std::make_unique<RunLauncher>(workshop, app->runs_->store(), app->active_runs_);
  if (!app->load_plugins(config, errors)) return nullptr;
  return app;
}

bool Application::simulate(const Simulation& simulation, Errors& errors) {
  MockLlm::Options options;
  options.script = simulation.script;
  options.script_name = simulation.script_name;
  auto mock = MockLlm::start(std::move(options));
  if (!mock) {
    errors.push_back(std::move(mock).error());
    return false;
  }
  mock_ = std::move(mock).value();
  connections_->simulate(mock_->base_url());
  return true;
}

bool Application::load_plugins(const Config& config, Errors& errors) {
  auto guard = PluginGuard::open(guard_options(settings_, config));
  if (!guard) {
    errors.push_back(std::move(guard).error());
    return false;
  }
  guard_ = std::move(guard).value();
  outside_ = std::make_unique<IsolatedPlugins>(isolation_with(settings_, config));
  plugins_ = std::make_unique<PluginRegistry>(*gateway_, *timers_, log_,
                                              PluginRegistry::Settings{config.plugins.begin(), config.plugins.end()},
                                              launcher_.get(), guard_.get(), outside_.get());
  plugins_->scan(shipped_plugin_folder(), PluginOrigin::shipped);
  grants_ = std::make_unique<SecretGrants>(config.secrets, secrets_, *plugins_);
  for (const auto& folder : settings_.plugin_folders) plugins_->scan(folder);
  for (const PluginRegistry::Problem& problem : plugins_->problems()) {
    log_.line(LogLevel::warn, "plugins", problem.file + ": " + problem.reason);
  }
  for (const PluginRegistry::Problem& warning : plugins_->warnings()) {
    log_.line(LogLevel::warn, "plugins", warning.file + ": " + warning.reason);
  }
  warn_of_strange_names(config);
  if (runs_) warn_of_sandbox_gaps();
  return true;
}

/// Once a process. Without a stranger's plugin it matters less: then only a server may find a way into what reads its
/// answers.
void Application::warn_of_sandbox_gaps() {
  const auto is_strange = [](const PluginRegistry::Plugin& plugin) {
    return plugin.isolated && fs::path{plugin.file}.parent_path() != shipped_plugin_folder();
  };
  const auto& plugins = plugins_->plugins();
  const bool strange = std::any_of(plugins.begin(), plugins.end(), is_strange);
  for (const std::string& gap : sandbox_gaps())
    log_.line(strange ? LogLevel::warn : LogLevel::debug, "sandbox",
              "of what confines plugins, here is missing: " + gap);
}

/// Of plugins and operators, where the configuration names some that nobody brings.
void Application::warn_of_strange_names(const Config& config) {
  std::vector<std::string> names = plugins_->operator_names();
  const std::vector<std::string> callables = plugins_->callable_names();
  names.insert(names.end(), callables.begin(), callables.end());
  const auto warn = [&](const char* code, const std::string& what, const Where& where) {
    log_.line(LogLevel::warn, "config", to_string(Error{code, what, where}));
  };
  for (const auto& [name, where] : config.plugins_where) {
    if (plugins_->find(name) != nullptr) continue;
    warn("config.plugin", "settings for \"" + name + "\", which no plugin brings" + did_you_mean(name, names), where);
  }
  for (const auto& [name, where] : config.callees_where) {
    if (plugins_->find(name) != nullptr) continue;
    warn("config.isolation", "calls of \"" + name + "\", which no plugin brings" + did_you_mean(name, names), where);
  }
  std::vector<std::string> plugin_names;
  for (const PluginRegistry::Plugin& plugin : plugins_->plugins()) plugin_names.push_back(plugin.manifest.name);
  for (const auto& [name, where] : config.isolation_where) {
    if (std::find(plugin_names.begin(), plugin_names.end(), name) != plugin_names.end()) continue;
    warn("config.isolation", "isolation of \"" + name + "\", which is no plugin" + did_you_mean(name, plugin_names),
         where);
  }
}

std::optional<std::string> Application::simulated_at() const {
  if (!mock_) return std::nullopt;
  return mock_->base_url();
}

LoadedDag Application::load(const std::string& file) const {
  Result<TextFile> text = read_text_file(file);
  if (!text) return {nullptr, {std::move(text).error()}};
  std::error_code failed;
  const fs::path whole = fs::absolute(file, failed);  // whoever goes on with a run may stand elsewhere
  return load_text(std::move(text->text), file, failed ? file : whole.lexically_normal().string());
}

LoadedDag Application::load_text(std::string text, const std::string& file, const std::string& kept_as) const {
  LoadedDag loaded = load_dag(std::move(text), file, *plugins_, kept_as);
  if (!loaded.dag) return loaded;
  for (Error& note : grants_->notes(*loaded.dag)) loaded.notes.push_back(std::move(note));
  return loaded;
}

Errors Application::unmet_needs(const Dag& dag) const {
  Errors errors;
  std::set<std::string_view> asked;
  const auto ask = [&](const std::vector<std::string>& connections, const std::string& whose) {
    for (const std::string& id : connections) {
      if (!asked.insert(id).second) continue;
      const Result<Connection> found = connections_->connection(id);
      if (!found) errors.push_back({found.error().code, whose + ": " + found.error().message});
    }
  };
  for (const Task& task : dag.tasks()) {
    const std::string whose = "task \"" + task.id + "\"";
    ask(task.connections, whose);
    if (!task.callbacks) continue;
    for (const Callback& callback : *task.callbacks) ask(callback.call.connections, whose + ", a callback");
  }
  for (const Callback& callback : dag.header().callbacks) ask(callback.call.connections, "a callback of the DAG");
  check_pools(dag, *pools_, pool_names_, errors);
  for (Error& mistake : grants_->mistakes(dag)) errors.push_back(std::move(mistake));
  return errors;
}

LoadedDag Application::load_to_run(const std::string& file) const {
  LoadedDag loaded = load(file);
  if (!loaded.dag) return loaded;
  loaded.errors = unmet_needs(*loaded.dag);
  if (!loaded.errors.empty()) loaded.dag = nullptr;
  return loaded;
}

std::optional<RunLauncher::StoredRun> Application::find_stored(const std::string& run_id, Errors& errors) const {
  const auto fault = [&](Error error) {
    errors.push_back(std::move(error));
    return std::nullopt;
  };
  if (const auto known = runs_->state(run_id); !known) return fault(known.error());
  const auto history = runs_->store().history(run_id);
  if (!history) return fault(history.error());
  if (!history->source) return fault({"run.no_source", "the text of its DAG was not kept with run " + run_id});
  const DagSource& source = *history->source;
  LoadedDag loaded = load_kept(source);
  if (!loaded.dag) {
    errors = std::move(loaded.errors);
    return std::nullopt;
  }
  return RunLauncher::StoredRun{std::move(loaded.dag), *history->info, source.file};
}

/// The DAG of a stored run, if this host has what it needs.
LoadedDag Application::load_kept(const DagSource& source) const {
  {
    const std::lock_guard lock{kept_dags_mutex_};
    const auto kept = kept_dags_.find(source.file);
    auto dag = kept == kept_dags_.end() ? nullptr : kept->second.lock();
    if (dag && dag->header().source->text == source.text) return {std::move(dag), {}};
  }
  LoadedDag loaded = load_text(source.text, source.file, source.file);
  if (!loaded.dag) return loaded;
  loaded.errors = unmet_needs(*loaded.dag);
  if (!loaded.errors.empty()) {
    loaded.dag = nullptr;
    return loaded;
  }
  const std::lock_guard lock{kept_dags_mutex_};
  kept_dags_[source.file] = loaded.dag;
  return loaded;
}

std::optional<RunLauncher::StoredRun> Application::find_unfinished(const std::string& run_id, Errors& errors) const {
  const auto state = runs_->state(run_id);
  if (!state || !has_ended(*state)) return find_stored(run_id, errors);
  errors.push_back({"run.ended", "run " + run_id + " has ended: " + std::string{to_string(*state)}});
  return std::nullopt;
}

Result<RunLauncher::StoredRun> Application::load_stored(const std::string& run_id) const {
  Errors errors;
  auto stored = find_unfinished(run_id, errors);
  if (stored) return *std::move(stored);
  const Error& first = errors.front();
  if (first.code == "run.ended" || first.code.starts_with("store.")) return first;
  return Error{"run.invalid_dag", "run " + run_id + " cannot go on: " + to_string(first)};
}

Result<std::unique_ptr<RunSession>> Application::session(std::shared_ptr<const Dag> dag, RunInfo info,
                                                         AttemptListener& listener, std::vector<Observer*> observers) {
  ActiveRuns::Place place{info.dag_id, dag->header().source->file, 0, {}};
  return begin(std::move(dag), std::move(info), std::move(place), {listener, std::move(observers)});
}

Result<std::unique_ptr<RunSession>> Application::session(RunLauncher::StoredRun run, AttemptListener& listener,
                                                         std::vector<Observer*> observers) {
  ActiveRuns::Place place{run.info.dag_id, std::move(run.file), 0, {}};
  return take_up(std::move(run.dag), run.info.run_id, std::move(place), {listener, std::move(observers)});
}

Result<std::unique_ptr<RunSession>> Application::new_session(std::shared_ptr<const Dag> dag, RunInfo info,
                                                             ActiveRuns::Place place) {
  return begin(std::move(dag), std::move(info), std::move(place), nobody_in_particular());
}

Result<std::unique_ptr<RunSession>> Application::stored_session(std::shared_ptr<const Dag> dag,
                                                                const std::string& run_id, ActiveRuns::Place place) {
  return take_up(std::move(dag), run_id, std::move(place), nobody_in_particular());
}

Result<std::unique_ptr<RunSession>> Application::begin(std::shared_ptr<const Dag> dag, RunInfo info,
                                                       ActiveRuns::Place place, Audience audience) {
  Result<RunLock> lock = runs_->lock(info.run_id);
  if (!lock) return std::move(lock).error();
  auto shared_info = std::make_shared<const RunInfo>(std::move(info));
  return session_of({std::move(dag), std::move(shared_info), std::move(place), std::move(lock).value()},
                    std::move(audience));
}

Result<std::unique_ptr<RunSession>> Application::take_up(std::shared_ptr<const Dag> dag, const std::string& run_id,
                                                         ActiveRuns::Place place, Audience audience) {
  Result<TakenRun> taken = runs_->take(run_id);
  if (!taken) return std::move(taken).error();
  RunHistory& history = taken->history;
  answers_.restore(*history.info, *dag, history.events);
  return session_of(
      {std::move(dag), std::move(history.info), std::move(place), std::move(taken->lock), std::move(history.events)},
      std::move(audience));
}

std::unique_ptr<RunSession> Application::session_of(RunSession::Subject subject, Audience audience) {
  answers_.open();
  audience.observers.push_back(&answers_);
  return std::make_unique<RunSession>(std::move(subject), shared(), audience.listener, std::move(audience.observers));
}

RunSession::Shared Application::shared() noexcept {
  return {clock_, *plugins_, runs_->store(), *pools_, active_runs_, vault_, *grants_, attempt_log_.get()};
}

void Application::lost(const RunInfo& run, const Error& why) {
  log_.line(LogLevel::error, "runs", run.dag_id + ": " + to_string(why));
}

}  // namespace leeward
