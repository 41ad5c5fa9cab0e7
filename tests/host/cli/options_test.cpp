#include "host/cli/options.hpp"

#include <sstream>

#include <catch2/catch.hpp>

#include "host/cli/verb.hpp"

using namespace leeward;

namespace {

constexpr OptionSpec kOptions[] = {{"param", "K=V", "a parameter", true},
                                   {"config", "FILE", "settings"},
                                   {"json", nullptr, "one document"},
                                   {"help", nullptr, "show this"}};

using Words = std::vector<std::string>;

std::string refusal(const Words& words) {
  const Result<Arguments> arguments = parse_arguments(words, kOptions);
  return arguments ? "" : arguments.error().message;
}

struct Ran {
  explicit Ran(const Words& words) { status = run_program(words, {}, out, err); }
  std::ostringstream out, err;
  int status;
};

}  // namespace

TEST_CASE("parse_arguments takes options and operands in any order", "[host][cli]") {
  const auto a = parse_arguments(
      {"--param", "a=1:2", "x.json", "--config=c.json", "--param=b=--x", "--json", "--", "--y"}, kOptions);
  REQUIRE(a.ok());
  CHECK(a->files == Words{"x.json", "--y"});
  CHECK(a->all("param") == Words{"a=1:2", "b=--x"});
  CHECK(a->get("config") == "c.json");
  CHECK(a->has("json"));
  CHECK_FALSE(a->has("help"));
}

TEST_CASE("parse_arguments says what is wrong, with the nearest guess", "[host][cli]") {
  CHECK(refusal({"--parma", "x"}) == "unknown option \"--parma\"; did you mean --param?");
  CHECK(refusal({"--zzzzzz"}) == "unknown option \"--zzzzzz\"");
  CHECK(refusal({"--config"}) == "option \"--config\" needs a value");
  CHECK(refusal({"--config", "a", "--config", "b"}) == "--config was given twice");
  CHECK(refusal({"--json=yes"}).find("takes no value") != std::string::npos);
}

TEST_CASE("Each verb's help names each of its options", "[host][cli]") {
  for (const Verb& verb : verbs()) {
    Words words;
    std::istringstream name{verb.name};
    for (std::string word; name >> word;) words.push_back(word);
    words.emplace_back("--help");
    const Ran ran{words};
    INFO(verb.name);
    CHECK(ran.status == kSuccess);
    CHECK(ran.out.str().find(verb.summary) != std::string::npos);
    for (const OptionSpec& option : verb.options)
      CHECK(ran.out.str().find(std::string{"--"} + option.name) != std::string::npos);
    CHECK((Ran{{"--help"}}.out.str().find(verb.summary) == std::string::npos) == verb.hidden);
  }
}

TEST_CASE("A word that is no verb exits 2 with a guess", "[host][cli]") {
  const Ran ran{{"versoin"}};
  CHECK(ran.status == kBadInput);
  CHECK(ran.err.str().find("did you mean \"version\"?") != std::string::npos);
  CHECK(ran.out.str().empty());
  CHECK(Ran{{}}.status == kBadInput);
  CHECK(Ran{{"plugins"}}.status == kBadInput);
  CHECK(Ran{{"plugins", "--help"}}.status == kSuccess);
  CHECK(Ran{{"plugins", "lst"}}.status == kBadInput);
  CHECK(Ran{{"version", "operand"}}.status == kBadInput);
}
