#include "host/app/config.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "host/app/connections.hpp"
#include "host/app/settings.hpp"
#include "tests/support/has.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

std::string mistakes(const std::string& text) {
  Errors errors;
  static_cast<void>(Config::parse(text, "config.json", errors));
  std::string all;
  for (const Error& error : errors) all += to_string(error) + "\n";
  return all;
}

struct Secrets {
  explicit Secrets(const Environment& environment) : source(environment, vault) {}
  SecretVault vault;
  SecretSource source;
};

struct Opened : Secrets, Connections {
  Opened(const Config& config, const Environment& environment)
      : Secrets(environment), Connections(config, environment, source, vault) {}
};

Opened connections(const std::string& text, const Environment& environment = {}) {
  Errors errors;
  const Config config = Config::parse(text, "config.json", errors);
  REQUIRE(errors.empty());
  return Opened{config, environment};
}

std::string private_file(const TempDir& dir, const std::string& name, const std::string& text) {
  const std::string file = dir.write(name, text).string();
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  return file;
}

}  // namespace

TEST_CASE("Config refuses unknown keys and wrong values, each with its place", "[host][app]") {
  CHECK(has(mistakes(R"({"conections": {}})"), "did you mean \"connections\"?"));
  CHECK(has(mistakes(R"({"conections": {}})"), "config.json:1:"));
  const std::string all = mistakes(
      "{\"connections\": {\"a\": {\"base_url\": \"ftp://x\"},\n \"b\": {}, \"c\": {\"base_url\": \"http://x\", "
      "\"api_kye\": \"\"}}}");
  CHECK(has(all, "/connections/a/base_url"));
  CHECK(has(all, "/connections/b"));
  CHECK(has(all, "did you mean \"api_key\"?"));
  CHECK(has(mistakes(R"({"connections": {"a": {"base_url": "http://x", "api_key": "secret://vault/x"}}})"),
            "secret://env/NAME"));
  CHECK_FALSE(mistakes("{").empty());
  CHECK_FALSE(mistakes("[]").empty());
  CHECK(mistakes("{}").empty());
}

TEST_CASE("Config says which limits it does not enforce", "[host][app]") {
  Errors errors;
  const Config config =
      Config::parse(R"({"connections": {"a": {"base_url": "http://x", "requests_per_minute": 60, "max_concurrency": 3}},
                        "pools": {"p": 1}})",
                    "config.json", errors);
  CHECK(errors.empty());
  REQUIRE(config.warnings.size() == 1);
  CHECK(has(to_string(config.warnings[0]), "config.json:1:"));
  CHECK(has(to_string(config.warnings[0]), "requests_per_minute is not enforced"));
}

TEST_CASE("Config takes a pool as a number of slots, or as an object", "[host][app]") {
  Errors errors;
  const Config config = Config::parse(
      R"({"pools": {"llm": 4, "gpu": {"slots": 1, "include_deferred": false}, "db": {"slots": 2}}})", "c.json", errors);
  CHECK(errors.empty());
  REQUIRE(config.pools.size() == 3);
  CHECK(config.pools.at("llm").slots == 4);
  CHECK(config.pools.at("llm").include_deferred);
  CHECK(config.pools.at("gpu").slots == 1);
  CHECK_FALSE(config.pools.at("gpu").include_deferred);
  CHECK(config.pools.at("db").slots == 2);
  CHECK(has(mistakes(R"({"pools": {"p": -1}})"), "/pools/p"));
  CHECK(has(mistakes(R"({"pools": {"p": {"slot": 1}}})"), "did you mean \"slots\"?"));
  CHECK(has(mistakes(R"({"pools": {"p": "4"}})"), "/pools/p"));
}

TEST_CASE("A configuration that others may write, or that holds a key they may read, is refused with the chmod",
          "[host][app]") {
  const TempDir dir;
  const std::string keyless = dir.write("a.json", R"({"connections": {"a": {"base_url": "http://x"}}})").string();
  const std::string with_key =
      dir.write("b.json", R"({"connections": {"a": {"base_url": "http://x", "api_key": "sk-1"}}})").string();
  const auto codes = [](const std::string& file, mode_t mode) {
    ::chmod(file.c_str(), mode);
    Errors errors;
    static_cast<void>(Config::read(file, errors));
    return errors.empty() ? std::string{} : errors[0].message;
  };
  CHECK(codes(keyless, 0644).empty());
  CHECK(has(codes(keyless, 0646), "chmod go-w"));
  CHECK(has(codes(with_key, 0644), "chmod go-r"));
  CHECK(codes(with_key, 0600).empty());
}

TEST_CASE("llm_default comes from the environment unless the configuration has it", "[host][app]") {
  CHECK_FALSE(connections("{}").has("llm_default"));
  const Opened key = connections("{}", {{"OPENAI_API_KEY", "sk-1"}});
  CHECK(key.connection("llm_default")->base_url == "https://api.openai.com/v1");
  CHECK(key.connection("llm_default")->api_key == "sk-1");
  const Opened local = connections("{}", {{"OPENAI_BASE_URL", "http://localhost:8000/v1"}, {"OPENAI_API_KEY", ""}});
  CHECK(local.connection("llm_default")->base_url == "http://localhost:8000/v1");
  CHECK(local.connection("llm_default")->api_key.empty());
  const Opened own =
      connections(R"({"connections": {"llm_default": {"base_url": "http://own"}}})", {{"OPENAI_API_KEY", "sk-1"}});
  CHECK(own.connection("llm_default")->base_url == "http://own");
  CHECK(own.connection("llm_default")->api_key.empty());
}

TEST_CASE("A missing connection's message names both ways out", "[host][app]") {
  const std::string message =
      connections(R"({"connections": {"other": {"base_url": "http://x"}}})").connection("llm_default").error().message;
  for (const char* part : {"OPENAI_API_KEY", "OPENAI_BASE_URL", "\"connections\"", "--mock-llm", "there are: other"})
    CHECK(has(message, part));
}

TEST_CASE("Secrets are read when they are used, and never shown", "[host][app]") {
  const TempDir dir;
  const std::string file = private_file(dir, "key", "sk-from-file\n");
  const Opened c = connections(R"({"connections": {
      "env": {"base_url": "http://x", "api_key": "secret://env/MY_KEY"},
      "unset": {"base_url": "http://x", "api_key": "secret://env/NO_SUCH"},
      "file": {"base_url": "http://x", "api_key": "secret://file)" +
                                   file + R"("},
      "gone": {"base_url": "http://x", "api_key": "secret://file/nonexistent/key"},
      "empty": {"base_url": "http://x", "api_key": "secret://file)" +
                                   private_file(dir, "none", "\n") + R"("}}})",
                               {{"MY_KEY", "sk-from-env"}});
  CHECK(c.connection("env")->api_key == "sk-from-env");
  CHECK_FALSE(has(c.connection("env")->public_json, "sk-from-env"));
  CHECK(c.connection("file")->api_key == "sk-from-file");
  CHECK(has(c.connection("unset").error().message, "NO_SUCH is not set"));
  CHECK(c.connection("gone").error().code == "connection.secret");
  CHECK(c.connection("empty").error().code == "connection.secret");
  std::string text = "sk-from-env sk-from-file";
  c.vault.masker()->mask(text, Formats::no);
  CHECK(text == "*** ***");
  CHECK(c.connection("env")->masker->mask(text = "sk-from-env", Formats::no));
}

TEST_CASE("A secret's file that others may read is refused with the command that mends it", "[host][app]") {
  const TempDir dir;
  const std::string file = private_file(dir, "key", "sk-from-file\n");
  const Opened c =
      connections(R"({"connections": {"a": {"base_url": "http://x", "api_key": "secret://file)" + file + R"("}}})");
  for (const mode_t mode : {0604, 0640, 0602, 0620, 0666}) {
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    const Result<Connection> refused = c.connection("a");
    INFO(mode);
    if (mode == 0640 && ::geteuid() == 0) continue;  // root may hand it to a group
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == "config.secret_permissions");
    CHECK(has(refused.error().message, "chmod g"));
    CHECK(has(refused.error().message, file));
  }
  REQUIRE(::chmod(file.c_str(), 0400) == 0);
  CHECK(c.connection("a").ok());
}

TEST_CASE("A key that is too short to be masked is a placeholder if written as it is, else a mistake", "[host][app]") {
  const Opened c = connections(R"({"connections": {
      "local": {"base_url": "http://x", "api_key": "none"},
      "short": {"base_url": "http://x", "api_key": "secret://env/SHORT"}}})",
                               {{"SHORT", "ollama"}, {"OPENAI_API_KEY", "EMPTY"}});
  CHECK(c.connection("local")->api_key == "none");
  CHECK(c.connection("llm_default")->api_key == "EMPTY");
  CHECK(has(c.connection("short").error().message, "a secret needs at least 8"));
  CHECK(has(c.connection("short").error().message, "\"api_key\": \"none\""));
  CHECK_FALSE(has(c.connection("short").error().message, "ollama"));
}

TEST_CASE("A simulation stands in for every connection and gets no key", "[host][app]") {
  Opened c = connections(R"({"connections": {"paid": {"base_url": "http://x", "api_key": "secret://env/K"}}})",
                         {{"K", "sk-1"}});
  c.simulate("http://127.0.0.1:1/v1");
  for (const char* id : {"paid", "llm_default", "anything"}) {
    const auto connection = c.connection(id);
    REQUIRE(connection.ok());
    CHECK(connection->base_url == "http://127.0.0.1:1/v1");
    CHECK(connection->api_key.empty());
    CHECK(has(connection->public_json, "\"simulated\":true"));
  }
}

TEST_CASE("Settings: a flag wins over the environment, the environment over the default", "[host][app]") {
  const Environment environment = {
      {"HOME", "/home/me"}, {"LEEWARD_HOME", "/env"}, {"LEEWARD_LOG", "debug"}, {"LEEWARD_PLUGINS", "/p1:/p2"}};
  const auto plain = Settings::of({}, {{"HOME", "/home/me"}});
  CHECK(plain->home == "/home/me/.leeward");
  CHECK(plain->log_level == LogLevel::info);
  CHECK_FALSE(plain->config_file);
  const auto from_environment = Settings::of({}, environment);
  CHECK(from_environment->home == "/env");
  CHECK(from_environment->log_level == LogLevel::debug);
  const auto flags = Settings::of({{"/flag"}, "c.json", "/here", "off"}, environment);
  CHECK(flags->home == "/here");
  CHECK(flags->config_file == "c.json");
  CHECK_FALSE(flags->log_level);
  CHECK(flags->plugin_folders == std::vector<std::filesystem::path>{shipped_plugin_folder(), "/p1", "/p2", "/flag"});
  CHECK(has(Settings::of({{}, {}, {}, "inof"}, {}).error().message, "did you mean \"info\"?"));
}
