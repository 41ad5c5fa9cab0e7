#include "tests/bad_inputs/plugin_trial.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <sys/stat.h>

namespace leeward::bad_inputs {
namespace fs = std::filesystem;
using test::Ended;

namespace {

fs::path sample_file(const std::string& sample) {
  const fs::path samples = LEEWARD_BINARY_DIR "/tests/samples";
  const fs::path file = samples / (sample + ".so");
  return fs::exists(file) ? file : samples / "hostile" / (sample + ".so");
}

}  // namespace

PluginTrial::PluginTrial() : folder_(trial_.dir() / "plugins") {
  fs::create_directory(folder_);
  ::chmod(trial_.dir().path().c_str(), 0755);
  ::chmod(folder_.c_str(), 0755);
  copy("sample", "sample.so");
}

void PluginTrial::copy(const std::string& sample, const std::string& as) {
  fs::copy_file(sample_file(sample), file(as), fs::copy_options::overwrite_existing);
  ::chmod(file(as).c_str(), 0755);
}

void PluginTrial::put(const std::string& name, std::string_view bytes) {
  std::ofstream{file(name), std::ios::binary} << bytes;
  ::chmod(file(name).c_str(), 0644);
}

std::string PluginTrial::bytes_of(const std::string& sample) {
  std::ifstream in(sample_file(sample), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void PluginTrial::configure(const std::string& json) { config_ = trial_.dir().write("config.json", json).string(); }

Ended PluginTrial::leeward(std::vector<std::string> words) const {
  words.insert(words.end(), {"--plugins", folder_.string()});
  if (!config_.empty()) words.insert(words.end(), {"--config", config_});
  return trial_.leeward(std::move(words));
}

std::shared_ptr<const JsonDocument> PluginTrial::list(const std::vector<std::string>& options) const {
  std::vector<std::string> words{"plugins", "list", "--json"};
  words.insert(words.end(), options.begin(), options.end());
  const Ended ended = leeward(words);
  CHECK(ended.status == 0);
  const auto listed = ended.json();
  const Json plugins = listed->root()["plugins"];
  CHECK(std::any_of(plugins.begin(), plugins.end(), [](Json plugin) { return plugin["name"].string() == "sample"; }));
  return listed;
}

void PluginTrial::refuses(const std::string& name, const std::string& code,
                          const std::vector<std::string>& words) const {
  const auto listed = list();
  bool found = false;
  for (const Json problem : listed->root()["problems"]) {
    if (fs::path(problem["file"].string()).filename() != name) continue;
    found = true;
    CHECK(problem["code"].string() == code);
    for (const std::string& word : words) {
      INFO(word << " in: " << problem["message"].string());
      CHECK(test::has(problem["message"].string(), word));
    }
  }
  INFO(name);
  CHECK(found);
  check_code(code);
}

Outcome PluginTrial::bad(const std::string& what, const std::string& more_with, const std::string& more_of_task) const {
  std::vector<std::string> options{"--plugins", folder_.string()};
  if (!config_.empty()) options.insert(options.end(), {"--config", config_});
  Outcome outcome = trial_.run(R"({"task_id": "bad", "operator": "bad.do", "with": {"do": ")" + what + "\"" +
                                   more_with + "}" + more_of_task +
                                   R"(}, {"task_id": "sound", "operator": "sample.echo", "with": {"n": 1}},
    {"task_id": "after", "operator": "sample.echo", "depends_on": ["bad"], "trigger_rule": "all_done", "with": {"n": 2}})",
                               options);
  CHECK(outcome.state("sound") == "success");
  CHECK(outcome.state("after") == "success");
  return outcome;
}

}  // namespace leeward::bad_inputs
