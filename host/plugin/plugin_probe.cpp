#include "host/plugin/plugin_probe.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/json.hpp"
#include "host/plugin/manifest_codec.hpp"
#include "host/plugin/sealed_copy.hpp"
#include "host/process/child_output.hpp"

namespace leeward {
namespace {

constexpr std::size_t kMaxAnswer = std::size_t{16} << 20;
constexpr std::size_t kMaxComplaint = 4096;
constexpr std::size_t kMaxReason = 4096;

Error refusal(const PluginFile& file, std::string code, std::string message) {
  return {std::move(code), std::move(message), {file.path, "", 0, 0}};
}

/// The last line with anything in it: what the linker, an assertion or a sanitizer had to say.
std::string last_words(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) return {};
  text = text.substr(0, last + 1);
  return std::string{text.substr(text.rfind('\n') + 1).substr(0, 500)};
}

std::string seconds(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s" : std::to_string(time.count()) + " ms";
}

/// What the process wrote, which may be the plugin's own doing.
Result<PluginManifest> read_answer(const PluginFile& file, const ChildOutput::Text& answer) {
  const auto garbage = [&](const std::string& why) {
    return refusal(file, "plugin.bad_answer", "the process that loaded it gave no sense: " + why);
  };
  if (answer.cut) return garbage("it wrote more than 16 MiB");
  const auto document = JsonDocument::parse(answer.text, "");
  if (!document) return garbage(document.error().message);
  const Json root = (*document)->root();
  if (const Json manifest = root["manifest"]) return manifest_of(manifest, file.path);
  const Json code = root["error"]["code"];
  const Json message = root["error"]["message"];
  if (!code.is_string() || !message.is_string()) return garbage("neither a manifest nor an error");
  for (const char* known :
       {"plugin.load", "plugin.no_entry", "plugin.abi", "plugin.bad_descriptor", "sandbox.failed"}) {
    if (code.string() == known) return refusal(file, known, std::string{message.string().substr(0, kMaxReason)});
  }
  return garbage("an error of an unknown kind");
}

}  // namespace

Result<PluginManifest> PluginProbe::manifest_of(const PluginFile& file) const {
  const Result<UniqueFd> copy = sealed_copy(file);
  if (!copy) return copy.error();
  auto answer = make_pipe();
  auto complaint = make_pipe();
  if (!answer || !complaint) return refusal(file, "process.start", std::string{"no pipe: "} + std::strerror(errno));
  auto child = ChildProcess::start({options_.program,
                                    {"leeward", "probe", "--limits", options_.limits.json(), "--", file.path},
                                    clean_environment(),
                                    {-1, -1, complaint->writing.get(), answer->writing.get(), copy->get()}});
  if (!child) return refusal(file, child.error().code, child.error().message);
  answer->writing.reset();
  complaint->writing.reset();
  std::vector<ChildPipe> pipes;
  pipes.push_back({std::move(answer->reading), kMaxAnswer});
  pipes.push_back({std::move(complaint->reading), kMaxComplaint});
  const ChildOutput output = read_until_end(**child, std::move(pipes), options_.time_limit);
  if (!output.end) {
    return refusal(file, "plugin.hung",
                   "loading it in a process of its own did not end within " + seconds(options_.time_limit));
  }
  if (*output.end == ProcessEnd{0, 0} && !output.texts[0].text.empty()) return read_answer(file, output.texts[0]);
  const std::string words = last_words(output.texts[1].text);
  return refusal(file, "plugin.crashed",
                 "loading it ended the process that did, which " +
                     (output.end->signal != 0 ? "was " + output.end->text() : output.end->text()) +
                     (words.empty() ? "" : ": " + words));
}

}  // namespace leeward
