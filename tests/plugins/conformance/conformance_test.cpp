// What every shipped plugin must do, whatever it does: run against each .so that was built.

#include <algorithm>
#include <filesystem>
#include <random>
#include <regex>
#include <set>

#include <leeward/testing/json_check.hpp>

#include "tests/plugins/conformance/exported_symbols.hpp"
#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> built_plugins() {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(LEEWARD_BINARY_DIR "/lib/leeward/plugins"))
    if (entry.path().extension() == ".so") paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

const lw_operator& operator_at(const lw_plugin& plugin, std::size_t i) {
  return *reinterpret_cast<const lw_operator*>(reinterpret_cast<const char*>(plugin.operators) +
                                               i * plugin.operator_stride);
}

bool matches(const char* text, const char* pattern) {
  return text != nullptr && std::regex_match(text, std::regex(pattern));
}
bool is_semver(const char* text) { return matches(text, R"(\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?)"); }
bool has_summary(const char* doc) { return doc != nullptr && doc[0] != '\0' && doc[0] != '\n' && doc[0] != ' '; }

// The names of members that a schema mentions: a cheap way to parameters that reach deeper than unknown ones do.
std::vector<std::string> names_in(const char* schema) {
  std::set<std::string> names;
  const std::string text = schema != nullptr ? schema : "";
  const std::regex quoted("\"([a-z_]+)\"");
  for (std::sregex_iterator found(text.begin(), text.end(), quoted), end; found != end; ++found)
    names.insert((*found)[1]);
  return {names.begin(), names.end()};
}

// Parameters that no schema has checked. Nothing in them does harm when it is run or opened.
std::string random_params(std::mt19937& random, const std::vector<std::string>& names) {
  static const std::vector<std::string> kValues = {"null",
                                                   "true",
                                                   "0",
                                                   "-1",
                                                   "1e400",
                                                   "99999999999999999999",
                                                   "2.5",
                                                   "\"\"",
                                                   "\"x\"",
                                                   "\"文字 😀\"",
                                                   "\"{x}\"",
                                                   "\"\\u0000\"",
                                                   "\"\\ud800\"",
                                                   "\"[1, {\"",
                                                   "[]",
                                                   "[null]",
                                                   "[[], {}]",
                                                   "[\"a\", 1]",
                                                   "{}",
                                                   "{\"\": null}",
                                                   "{\"a\": {\"b\": [1]}}",
                                                   "[{\"if\": {}, \"then\": 1}]",
                                                   "\"" + std::string(3000, 'y') + "\"",
                                                   std::string(500, '[') + std::string(500, ']')};
  const auto pick = [&](const auto& from) { return from[random() % from.size()]; };
  std::string json = "{";
  const std::size_t count = random() % 5;
  for (std::size_t i = 0; i < count && !names.empty(); ++i)
    json += (i > 0 ? ", \"" : "\"") + pick(names) + "\": " + pick(kValues);
  return json + "}";
}

bool is_outcome(lw_code code) { return code == LW_OK || (code >= LW_SKIP && code <= LW_CANCELLED); }

// A world in which nothing that an operator asks for works.
void set_up_bleak_world(Harness& harness) {
  harness.script.on_http = [](const SeenHttpRequest&) { return HttpAnswer::with(500, ""); };
  harness.script.on_trigger = [](std::string_view) { return RunAnswer::failed("run.unknown_dag", "there is no DAG"); };
}

void check_run(Harness& harness, const lw_operator& op, const std::string& params) {
  const Result done = harness.run(op.name, params);
  INFO(op.name << " with " << params << ": " << done.explain());
  CHECK(is_outcome(done.code));
  CHECK(done.problems.empty());
  const bool explains = done.code == LW_OK || done.code == LW_CANCELLED || !done.error.message.empty();
  CHECK(explains);
}

}  // namespace

TEST_CASE("Every plugin exports one symbol", "[conformance]") {
  const auto paths = built_plugins();
  REQUIRE(paths.size() >= 7);
  for (const auto& path : paths) {
    INFO(path);
    CHECK(exported_symbols(path) == std::vector<std::string>{"lw_plugin_entry_v1"});
  }
}

TEST_CASE("Every plugin describes itself", "[conformance]") {
  for (const auto& path : built_plugins()) {
    INFO(path);
    const lw_plugin* plugin = load(path);
    CHECK(plugin == load(path));
    CHECK(plugin->size >= sizeof(lw_plugin));
    CHECK(plugin->abi_version >> 16 == LW_ABI_MAJOR);
    CHECK(plugin->abi_needs <= plugin->abi_version);
    CHECK(plugin->operator_stride >= sizeof(lw_operator));
    CHECK(plugin->operator_count > 0);
    CHECK(fs::path(path).stem() == plugin->name);
    CHECK(is_semver(plugin->version));
  }
}

TEST_CASE("Every operator describes itself", "[conformance]") {
  std::set<std::string> operators;
  std::set<std::string> callables;
  for (const auto& path : built_plugins()) {
    const lw_plugin* plugin = load(path);
    for (std::size_t i = 0; i < plugin->operator_count; ++i) {
      const lw_operator& op = operator_at(*plugin, i);
      INFO(path << ": " << op.name);
      const bool callable = (op.flags & LW_OP_CALLABLE) != 0;
      CHECK(matches(op.name, callable ? R"([a-z_]+\.[a-z_]+)" : "[a-z][a-z_.]*"));
      CHECK((callable ? callables : operators).insert(op.name).second);
      CHECK(is_semver(op.version));
      CHECK(has_summary(op.doc));
      CHECK((op.params_schema != nullptr && is_json_object(op.params_schema)));
      CHECK((op.output_schema == nullptr || is_json_object(op.output_schema)));
      CHECK((op.create != nullptr && op.execute != nullptr));
      const std::uint32_t once_or_again = LW_OP_IDEMPOTENT | LW_OP_AT_MOST_ONCE;
      CHECK((op.flags & once_or_again) != once_or_again);
    }
  }
}

TEST_CASE("Every operator survives any parameters, with one outcome and nothing leaked", "[conformance]") {
  const auto seed = static_cast<std::mt19937::result_type>(Catch::rngSeed());
  std::mt19937 random{seed};
  INFO("seed " << seed);
  for (const auto& path : built_plugins()) {
    const lw_plugin* plugin = load(path);
    Harness harness(plugin);
    set_up_bleak_world(harness);
    for (std::size_t i = 0; i < plugin->operator_count; ++i) {
      const lw_operator& op = operator_at(*plugin, i);
      const auto names = names_in(op.params_schema);
      check_run(harness, op, "{}");
      for (int round = 0; round < 40; ++round) check_run(harness, op, random_params(random, names));
    }
  }
}

TEST_CASE("Every operator survives a cancellation before it starts", "[conformance]") {
  std::mt19937 random{1};
  for (const auto& path : built_plugins()) {
    const lw_plugin* plugin = load(path);
    Harness harness(plugin);
    set_up_bleak_world(harness);
    for (std::size_t i = 0; i < plugin->operator_count; ++i) {
      const lw_operator& op = operator_at(*plugin, i);
      harness.cancel();
      check_run(harness, op, random_params(random, names_in(op.params_schema)));
    }
  }
}
