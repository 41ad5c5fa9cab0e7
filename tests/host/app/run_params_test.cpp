#include "host/app/run_params.hpp"

#include <catch2/catch.hpp>

#include "host/app/settings.hpp"
#include "host/app/shell_word.hpp"

using namespace leeward;

namespace {

Dag::Header header() {
  Dag::Header header;
  header.params = Value{std::string{R"({"a": 1, "b": 2})"}};
  header.declared_params = {{"a", nullptr, false}, {"b", nullptr, false}, {"needed", nullptr, true}};
  return header;
}

}  // namespace

TEST_CASE("A run's params are the DAG's defaults, then its conf's, then what was set", "[host][app]") {
  const Dag::Header of = header();
  RunParams params{of};
  const auto conf = JsonDocument::parse(R"({"b": "conf", "needed": "conf", "other": true})").value();
  params.take_conf(conf->root());
  CHECK(params.set("needed", "[1]"));
  CHECK(params.value().json() == R"({"a":1,"b":"conf","needed":[1]})");
  const Status slip = params.set("neded", "1");
  REQUIRE_FALSE(slip);
  CHECK(slip.error().message.find("did you mean \"needed\"?") != std::string::npos);
}

TEST_CASE("A param that is missing is told, with how to give it where that is known", "[host][app]") {
  const Dag::Header of = header();
  const auto told = [&](const char* option) {
    Errors errors;
    RunParams{of, option}.check(errors);
    return errors.size() == 1 ? errors[0].message : "";
  };
  CHECK(told(nullptr) == "the DAG needs param \"needed\"");
  CHECK(told("--param ") == "the DAG needs param \"needed\"; give it with --param needed=...");
}

TEST_CASE("The logical date of a run started by hand has a text that names it exactly", "[host][app]") {
  CHECK(manual_logical_date({1'234'567'890'123}) == Timestamp{1'234'567'000'000});
}

TEST_CASE("A shown command names its words as a shell takes them", "[host][app]") {
  CHECK(shell_word("plain-1.2_x/y:z@a=b") == "plain-1.2_x/y:z@a=b");
  CHECK(shell_word("two words") == "'two words'");
  CHECK(shell_word("it's $HOME") == R"('it'\''s $HOME')");
  CHECK(shell_word("") == "''");
}

TEST_CASE("A shown command names the home only where it is another than usual", "[host][app]") {
  const auto option = [](std::optional<std::string> flag, Environment environment) {
    Settings::Flags flags;
    flags.home = std::move(flag);
    return Settings::of(flags, std::move(environment)).value().home_option();
  };
  CHECK(option(std::nullopt, {{"HOME", "/h"}}).empty());
  CHECK(option("/h/.leeward", {{"HOME", "/h"}}).empty());
  CHECK(option(std::nullopt, {{"HOME", "/h"}, {"LEEWARD_HOME", "/srv"}}) == " --home /srv");
  CHECK(option("/a b", {{"HOME", "/h"}}) == " --home '/a b'");
}
