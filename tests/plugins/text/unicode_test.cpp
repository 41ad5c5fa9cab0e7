#include "plugins/text/unicode.hpp"

#include <catch2/catch.hpp>

#include "plugins/text/posix_case.hpp"

using namespace text_plugin;

TEST_CASE("Characters are code points", "[text]") {
  CHECK(count_characters("") == 0);
  CHECK(count_characters("abc") == 3);
  CHECK(count_characters("人工智能") == 4);
  CHECK(count_characters("é😀") == 2);
}

TEST_CASE("The first characters end at a character", "[text]") {
  CHECK(first_characters("人工智能", 2) == "人工");
  CHECK(first_characters("a😀b", 2) == "a😀");
  CHECK(first_characters("ab", 9) == "ab");
  CHECK(first_characters("ab", 0).empty());
}

TEST_CASE("Trimming knows the white space of all scripts", "[text]") {
  CHECK(trim(" \t\n 人工 智能 \r\n") == "人工 智能");
  CHECK(trim("\u3000人工\u00A0\u2003") == "人工");
  CHECK(trim(" \u3000 ").empty());
  CHECK(trim("").empty());
}

TEST_CASE("Words stand between runs of white space", "[text]") {
  CHECK(words("  one\ttwo\u3000三 \n") == std::vector<std::string_view>{"one", "two", "三"});
  CHECK(words(" ").empty());
}

TEST_CASE("Letters change their size in every script", "[text]") {
  CHECK(upper("abc äöü жук ß 中文 😀") == "ABC ÄÖÜ ЖУК ß 中文 😀");
  CHECK(lower("ABC ÄÖÜ ЖУК 中文") == "abc äöü жук 中文");
}

TEST_CASE("Bytes that are no UTF-8 end no function in trouble", "[text]") {
  const std::string_view broken = "\xE4\xBA \xFF a\xF0\x9F";
  CHECK(count_characters(broken) > 0);
  CHECK(first_characters(broken, 100) == broken);
  CHECK_FALSE(upper(broken).empty());
  CHECK_FALSE(words(broken).empty());
}
