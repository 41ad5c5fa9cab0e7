#include "host/plugin/plugin_registry.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/base/assert.hpp"
#include "host/plugin/abi_operator.hpp"
#include "host/plugin/plugin_file.hpp"

namespace leeward {
namespace fs = std::filesystem;

PluginRegistry::PluginRegistry(HttpGateway& http, TimerSource& timers, PluginLog& log, Settings settings,
                               RunGateway* runs, PluginGuard* guard, OutsidePlugins* outside)
    : services_{http, timers, log, *this, *this, callee_threads_, unfinished_, runs},
      log_(log),
      settings_(std::move(settings)),
      guard_(guard),
      outside_(outside) {}

PluginRegistry::~PluginRegistry() {
  owned_.clear();
  for (auto plugin = running_.rbegin(); plugin != running_.rend(); ++plugin) {
    if ((*plugin)->shutdown != nullptr) (*plugin)->shutdown();
  }
}

void PluginRegistry::scan(const fs::path& folder, PluginOrigin origin) {
  std::error_code ignored;
  if (const fs::path real = fs::canonical(folder, ignored); !ignored && !seen_.insert(real).second) return;
  if (const Status fit = check_plugin_folder(folder); !fit) {
    problems_.push_back({folder.string(), fit.error().code, fit.error().message});
    return;
  }
  for (const fs::path& file : plugin_files_in(folder)) load(file, origin);
}

void PluginRegistry::load(const fs::path& file, PluginOrigin origin) {
  std::error_code unreadable;
  const fs::path real = fs::canonical(file, unreadable);
  if (!unreadable && !seen_.insert(real).second) return;
  if (Status loaded = try_load(file, origin); !loaded) {
    problems_.push_back({file.string(), loaded.error().code, loaded.error().message});
  }
}

Status PluginRegistry::try_load(const fs::path& path, PluginOrigin origin) {
  if (origin == PluginOrigin::stranger && guard_ != nullptr) return load_admitted(path);
  const Result<PluginFile> file = PluginFile::read(path);
  return file ? load_here(*file, origin) : Status{file.error()};
}

/// A stranger's file: nothing of it runs in this process, unless the configuration asks for that.
Status PluginRegistry::load_admitted(const fs::path& path) {
  Result<PluginGuard::Admitted> admitted = guard_->admit(path);
  if (!admitted) return std::move(admitted).error();
  if (const auto& warning = admitted->warning) warnings_.push_back({path.string(), warning->code, warning->message});
  const auto contents = [path, sha256 = admitted->sha256] { return PluginGuard::read_admitted(path, sha256); };
  if (outside_ != nullptr && outside_->takes(admitted->manifest, PluginOrigin::stranger))
    return load_outside(std::move(admitted->manifest), PluginOrigin::stranger, path.string(), contents);
  const Result<PluginFile> file = contents();
  return file ? load_here(*file, PluginOrigin::stranger) : Status{file.error()};
}

Status PluginRegistry::load_here(const PluginFile& file, PluginOrigin origin) {
  auto library = PluginLibrary::open(file);
  if (!library) return std::move(library).error();
  Result<PluginManifest> manifest = PluginManifest::read((*library)->descriptor(), file.path);
  if (!manifest) return std::move(manifest).error();
  if (outside_ != nullptr &&
      outside_->takes(*manifest, origin)) {  // it shipped: that its descriptor was read here harms nobody
    return load_outside(std::move(manifest).value(), origin, file.path,
                        [path = file.path] { return PluginFile::read(path); });
  }
  if (Status unique = check_names(*manifest, file.path); !unique) return unique;
  if (Status ready = init(*(*library)->descriptor(), file.path); !ready) return ready;
  libraries_.push_back(std::move(library).value());
  std::vector<std::unique_ptr<PluginOperator>> operators;
  for (PluginManifest::Entry& entry : manifest->entries) {
    const std::string& settings = settings_of(entry.info.name);
    operators.push_back(std::make_unique<AbiOperator>(std::move(entry), settings, services_));
  }
  add(std::move(manifest).value(), file.path, false, std::move(operators));
  return done();
}

Status PluginRegistry::load_outside(PluginManifest manifest, PluginOrigin origin, std::string file,
                                    std::function<Result<PluginFile>()> contents) {
  if (Status unique = check_names(manifest, file); !unique) return unique;
  OutsidePlugin plugin{manifest, origin, file, std::move(contents), {}};
  for (const PluginManifest::Entry& entry : manifest.entries)
    plugin.settings.emplace(entry.info.name, settings_of(entry.info.name));
  add(std::move(manifest), std::move(file), true, outside_->operators_of(std::move(plugin), services_));
  return done();
}

Status PluginRegistry::check_names(const PluginManifest& manifest, const std::string& file) const {
  const auto taken = [&](const std::string& what, const std::string& by) {
    return Error{
        "plugin.duplicate", what + " is taken already, by " + by + "; this plugin is not loaded", {file, "", 0, 0}};
  };
  for (const Plugin& other : plugins_) {
    if (other.manifest.name == manifest.name) return taken("the plugin name \"" + manifest.name + "\"", other.file);
  }
  std::set<std::pair<bool, std::string_view>> own;
  for (const PluginManifest::Entry& entry : manifest.entries) {
    const bool callable = (entry.flags & LW_OP_CALLABLE) != 0;
    const std::string what =
        std::string{callable ? "the callable" : "the operator"} + " name \"" + entry.info.name + "\"";
    if (!own.emplace(callable, entry.info.name).second) return taken(what, "this plugin itself");
    const ByName& known = table(entry.flags);
    const auto other = known.find(entry.info.name);
    if (other == known.end()) continue;
    for (const Plugin& plugin : plugins_) {
      if (plugin.manifest.name == other->second->info().plugin) return taken(what, plugin.file);
    }
  }
  return done();
}

Status PluginRegistry::init(const lw_plugin& plugin, const std::string& file) {
  if (plugin.init != nullptr) {
    const HostCall call;
    const lw_code code = plugin.init(&host_table());
    if (code != LW_OK) {
      return Error{"plugin.init_failed",
                   "its init() failed: " + call.reason("it returned " + std::to_string(code)),
                   {file, "", 0, 0}};
    }
  }
  running_.push_back(&plugin);
  return done();
}

const std::string& PluginRegistry::settings_of(const std::string& op) const {
  static const std::string none = "{}";
  const auto settings = settings_.find(op);
  return settings == settings_.end() ? none : settings->second;
}

void PluginRegistry::add(PluginManifest manifest, std::string file, bool isolated,
                         std::vector<std::unique_ptr<PluginOperator>> operators) {
  manifest.entries.clear();
  Plugin plugin{std::move(file), std::move(manifest), isolated, {}};
  for (std::unique_ptr<PluginOperator>& owned : operators) {
    PluginOperator* op = owned.get();
    (op->is_callable() ? callables_ : operators_).emplace(op->info().name, op);
    by_info_.emplace(&op->info(), op);
    plugin.operators.push_back(op);
    owned_.push_back(std::move(owned));
  }
  plugins_.push_back(std::move(plugin));
}

const PluginRegistry::ByName& PluginRegistry::table(std::uint32_t flags) const {
  return (flags & LW_OP_CALLABLE) != 0 ? callables_ : operators_;
}

const PluginOperator* PluginRegistry::find(std::string_view name) const {
  if (const auto at = operators_.find(name); at != operators_.end()) return at->second;
  if (const auto at = callables_.find(name); at != callables_.end()) return at->second;
  return nullptr;
}

const OperatorInfo* PluginRegistry::find_operator(std::string_view name) const {
  const auto at = operators_.find(name);
  return at == operators_.end() ? nullptr : &at->second->info();
}

const OperatorInfo* PluginRegistry::find_callable(std::string_view name) const {
  const auto at = callables_.find(name);
  return at == callables_.end() ? nullptr : &at->second->info();
}

std::vector<std::string> PluginRegistry::operator_names() const {
  std::vector<std::string> names;
  for (const auto& [name, op] : operators_) names.push_back(name);
  return names;
}

std::vector<std::string> PluginRegistry::callable_names() const {
  std::vector<std::string> names;
  for (const auto& [name, op] : callables_) names.push_back(name);
  return names;
}

Operator& PluginRegistry::operator_of(const OperatorInfo& info) {
  const auto at = by_info_.find(&info);
  LW_ASSERT(at != by_info_.end(), "an operator was asked for that this registry never listed");
  return *at->second;
}

}  // namespace leeward
