#include "host/plugin/plugin_guard.hpp"

#include <system_error>
#include <utility>

#include "host/version.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

fs::path real_path(const fs::path& path) {
  std::error_code missing;
  fs::path real = fs::canonical(path, missing);
  return missing ? path : real;
}

std::string this_program() { return std::string{program_version()} + ", plugin interface " + abi_text(LW_ABI_VERSION); }

Error at(const fs::path& path, const char* code, std::string message) {
  return {code, std::move(message), {path.string(), "", 0, 0}};
}

std::string abridged(const std::string& sha256) { return sha256.substr(0, 12) + "..."; }

}  // namespace

PluginGuard::PluginGuard(Options options, PluginLock lock)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      probe_(options_.probe),
      cache_(options_.home / "cache" / "probes", this_program()) {}

Result<std::unique_ptr<PluginGuard>> PluginGuard::open(Options options) {
  Result<PluginLock> lock = PluginLock::read(options.home / "plugins.lock");
  if (!lock) return std::move(lock).error();
  options.home = fs::absolute(options.home);  // it is named to other processes
  options.probe.limits.hidden.push_back(options.home);
  return std::unique_ptr<PluginGuard>{new PluginGuard{std::move(options), std::move(lock).value()}};
}

Result<PluginGuard::Admitted> PluginGuard::admit(const fs::path& path) { return admit(path, false); }
Result<PluginGuard::Admitted> PluginGuard::admit_anew(const fs::path& path) { return admit(path, true); }

Result<PluginFile> PluginGuard::read_admitted(const fs::path& path, const std::string& sha256) {
  Result<PluginFile> file = PluginFile::read(path);
  if (!file || file->sha256() == sha256) return file;
  return at(path, "plugin.changed",
            "it was changed while it was looked at; start leeward again to use what is there now");
}

Result<PluginGuard::Admitted> PluginGuard::admit(const fs::path& path, bool anew) {
  Result<Contents> contents = contents_of(path);
  if (!contents) return std::move(contents).error();
  const std::string sha256 = contents->sha256;
  if (auto fault = lock_fault(path, sha256)) return *std::move(fault);
  Result<PluginManifest> manifest = manifest_of(path, std::move(contents).value(), anew);
  if (!manifest) return std::move(manifest).error();
  Admitted admitted{std::move(manifest).value(), sha256, std::nullopt};
  const PluginLock::Entry* trusted = lock_.named(admitted.manifest.name);
  if (trusted != nullptr && trusted->sha256 != sha256) {
    admitted.warning = at(path, "plugin.changed",
                          "plugin \"" + trusted->name + "\" is not what plugins.lock trusts: its sha256 is " +
                              abridged(sha256) + ", that of version " + trusted->version + " there " +
                              abridged(trusted->sha256) + "; trust it as it is now: " + command("trust", path));
  }
  return admitted;
}

Result<PluginGuard::Contents> PluginGuard::contents_of(const fs::path& path) {
  const Result<FileIdentity> identity = PluginFile::identify(path);
  if (!identity) return identity.error();
  const fs::path real = real_path(path);
  if (auto known = cache_.sha256_of(real, *identity)) return Contents{*std::move(known), std::nullopt};
  ++effort_.files_read;
  Result<PluginFile> file = PluginFile::read(path);
  if (!file) return std::move(file).error();
  std::string sha256 = file->sha256();
  // Only if it is still what was read: a file that somebody is writing has no contents yet.
  const Result<FileIdentity> still = PluginFile::identify(path);
  if (still && *still == file->identity) cache_.remember(real, file->identity, sha256);
  return Contents{std::move(sha256), std::move(file).value()};
}

std::optional<Error> PluginGuard::lock_fault(const fs::path& path, const std::string& sha256) const {
  if (!options_.locked || lock_.with_sha256(sha256) != nullptr) return std::nullopt;
  if (const PluginLock::Entry* other = lock_.of_file(path.filename().string())) {
    return at(path, "plugin.changed",
              "it is not what plugins.lock trusts: its sha256 is " + abridged(sha256) + ", that of plugin \"" +
                  other->name + "\" there " + abridged(other->sha256) +
                  "; trust it as it is now: " + command("trust", path));
  }
  return at(
      path, "plugin.untrusted",
      "it is not in plugins.lock, and nothing else may be used here (locked); trust it: " + command("trust", path));
}

Result<PluginManifest> PluginGuard::manifest_of(const fs::path& path, Contents contents, bool anew) {
  if (!anew) {
    if (auto known = cache_.find(contents.sha256, path.string())) {
      if (*known) return *std::move(known);
      Error refusal = known->error();
      refusal.message += " (found earlier; to try it again: " + command("check", path) + ")";
      return refusal;
    }
  }
  if (!contents.file) {
    ++effort_.files_read;
    Result<PluginFile> file = read_admitted(path, contents.sha256);
    if (!file) return std::move(file).error();
    contents.file = std::move(file).value();
  }
  ++effort_.probes;
  Result<PluginManifest> manifest = probe_.manifest_of(*contents.file);
  if (anew) cache_.forget(contents.sha256);
  cache_.remember(contents.sha256, manifest);
  return manifest;
}

std::string PluginGuard::command(const char* verb, const fs::path& path) const {
  return std::string{"leeward plugins "} + verb + options_.home_option + " '" + path.string() + "'";
}

}  // namespace leeward
