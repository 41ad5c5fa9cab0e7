#include "core/base/regex.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

bool found(std::string_view pattern, std::string_view text) { return Regex::compile(pattern).value().search(text); }

}  // namespace

TEST_CASE("A Regex matches anywhere unless it is anchored", "[base]") {
  CHECK(found("b+", "abbc"));
  CHECK_FALSE(found("^b", "ab"));
  CHECK(found("^总.$", "总结"));
  CHECK_FALSE(found("^a$", "a\n"));
  CHECK(found("", ""));
}

TEST_CASE("A Regex takes linear time where others take for ever or crash", "[base]") {
  CHECK_FALSE(found("^(a*)*b$", std::string(100'000, 'a')));
  CHECK_FALSE(found("^(.|\\n)*x$", std::string(200'000, 'y')));
}

TEST_CASE("A bad pattern is refused with the reason", "[base]") {
  const auto open = Regex::compile("a(b");
  REQUIRE_FALSE(open.ok());
  CHECK(open.error().code == "regex.invalid");
  CHECK(open.error().message == "the regular expression \"a(b\" is invalid: missing ): a(b");
  for (const char* pattern : {"(?=a)", "(?<!a)b", "(a)\\1"}) {
    const auto perl = Regex::compile(pattern);
    REQUIRE_FALSE(perl.ok());
    CHECK_THAT(perl.error().message, Catch::Contains("neither look-around nor back-references"));
  }
  CHECK_FALSE(Regex::compile("((a{1,1000}){1,1000}){1,1000}").ok());
}
