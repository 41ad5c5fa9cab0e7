#include "host/app/known_secrets.hpp"

#include <cstdlib>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

struct World {
  World(const std::string& config_text, Environment given) : environment(std::move(given)) {
    Errors errors;
    const Config config = Config::parse(config_text, "config.json", errors);
    REQUIRE(errors.empty());
    const KnownSecrets known{config, environment};
    variables = known.variables();
    known.tell(source, vault);
  }
  [[nodiscard]] std::string masked(std::string text) const {
    static_cast<void>(vault.masker()->mask(text, Formats::no));
    return text;
  }
  Environment environment;
  SecretVault vault;
  SecretSource source{environment, vault};
  std::vector<std::string> variables;
};

}  // namespace

TEST_CASE("What the configuration can name is known before anybody has used it", "[host][app]") {
  const TempDir dir;
  const std::string own = dir.write("own", "of-a-file\n").string();
  const std::string open = dir.write("open", "of-an-open-file\n").string();
  REQUIRE(::chmod(own.c_str(), 0600) == 0);
  REQUIRE(::chmod(open.c_str(), 0644) == 0);
  const World w{R"({"secrets": {"A": {"from": "secret://env/A_TOKEN", "dags": ["other"]},
                                "B": {"from": "secret://file)" +
                    own + R"("}, "C": {"from": "secret://file)" + open +
                    R"("}, "D": {"from": "secret://file/nonexistent"}, "E": {"from": "secret://env/NOT_SET"}},
                    "connections": {"x": {"base_url": "http://x", "api_key": "secret://env/X_KEY"},
                                    "y": {"base_url": "http://x", "api_key": "as-it-is-written"},
                                    "z": {"base_url": "http://x", "api_key": "none"}}})",
                {{"A_TOKEN", "of-a-variable"}, {"X_KEY", "of-a-connection"}, {"OPENAI_API_KEY", "of-openai"}}};
  CHECK(w.masked("of-a-variable of-a-file of-an-open-file of-a-connection as-it-is-written of-openai none") ==
        "*** *** *** *** *** *** none");
  CHECK(w.variables == std::vector<std::string>{"A_TOKEN", "NOT_SET", "X_KEY", "OPENAI_API_KEY"});
}

TEST_CASE("Variables that are taken out of the environment are gone with their contents", "[host][app]") {
  REQUIRE(::setenv("LEEWARD_TEST_TAKEN", "taken", 1) == 0);
  REQUIRE(::setenv("LEEWARD_TEST_LEFT", "left", 1) == 0);
  const char* const place = std::getenv("LEEWARD_TEST_TAKEN");
  take_out_of_environment({"LEEWARD_TEST_TAKEN", "LEEWARD_TEST_NEVER_THERE"});
  CHECK(std::getenv("LEEWARD_TEST_TAKEN") == nullptr);
  CHECK(std::string{place}.empty());  // the C library frees no variable
  CHECK(std::string{std::getenv("LEEWARD_TEST_LEFT")} == "left");
  ::unsetenv("LEEWARD_TEST_LEFT");
}
