#include "plugins/bash/output_collector.hpp"

#include <catch2/catch.hpp>

using bash_plugin::OutputCollector;

namespace {

OutputCollector after(std::initializer_list<const char*> pieces, std::size_t limit_bytes = 800) {
  OutputCollector collector{limit_bytes};
  for (const char* piece : pieces) collector.add(piece);
  return collector;
}

}  // namespace

TEST_CASE("The last line is found however the output is cut into pieces", "[bash]") {
  CHECK(after({"one\ntw", "o\n"}).last_line() == "two");
  CHECK(after({"one\n", "two"}).last_line() == "two");
  CHECK(after({"one\r\n"}).last_line() == "one");
  CHECK(after({"one\ntwo \t\n"}).last_line() == "two");
  CHECK(after({"one"}).last_line() == "one");
  CHECK(after({}).last_line().empty());
}

TEST_CASE("An empty line at the end is the last line, as in Airflow", "[bash]") {
  CHECK(after({"one\n\n"}).last_line().empty());
}

TEST_CASE("The whole output is kept up to the limit", "[bash]") {
  CHECK(after({"12345", "678"}, 8).whole() == "12345678");
  CHECK_FALSE(after({"12345", "6789"}, 8).whole().has_value());
}

TEST_CASE("A line beyond its limit is cut at a character and says so", "[bash]") {
  CHECK(after({"ab文字"}, 8 * 6).last_line() == "ab文 [truncated]");
  CHECK(after({"ab", "文字", "more\nshort\n"}, 8 * 6).last_line() == "short");
}

TEST_CASE("The last words are the last line that says something", "[bash]") {
  CHECK(after({"first\nlast\n \n\n"}).last_words() == "last");
  CHECK(after({"first\nlast"}).last_words() == "last");
  CHECK(after({"\n"}).last_words().empty());
}
