#include <cerrno>
#include <unistd.h>
#include <utility>

#include "core/base/json.hpp"
#include "host/plugin/manifest_codec.hpp"
#include "host/plugin/plugin_library.hpp"
#include "host/plugin/plugin_probe.hpp"
#include "host/process/write_all.hpp"

namespace leeward {
namespace {

constexpr int kAnswer = 3;
constexpr int kSealedCopy = 4;

Result<PluginManifest> load(const std::string& file, const SandboxLimits& limits) {
  const Result<SandboxGaps> confined = confine(limits);
  if (!confined) return confined.error();
  const auto library = PluginLibrary::open_sealed(UniqueFd{kSealedCopy}, file);
  if (!library) return library.error();
  return PluginManifest::read((*library)->descriptor(), file);
}

std::string answer_of(const Result<PluginManifest>& manifest) {
  JsonWriter json;
  json.begin_object();
  if (manifest) {
    json.key("manifest").raw(manifest_json(*manifest));
  } else {
    json.key("error").begin_object().member("code", manifest.error().code);
    json.member("message", manifest.error().message).end_object();
  }
  json.end_object();
  return json.take();
}

}  // namespace

void answer_probe(const std::string& file, const SandboxLimits& limits) {
  const bool written = write_all(kAnswer, answer_of(load(file, limits)));
  ::_exit(written ? 0 : 1);  // none of the plugin's destructors: it was never in use
}

}  // namespace leeward
