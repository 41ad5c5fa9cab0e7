#include "core/base/suggestion.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace leeward;
using Words = std::vector<std::string>;

TEST_CASE("nearest finds the word that was meant", "[base]") {
  const Words operators{"http.request", "bash", "branch", "llm", "retries", "retry_delay", "task_id"};
  CHECK(nearest("http.reqest", operators) == "http.request");
  CHECK(nearest("htpt.request", operators) == "http.request");
  CHECK(nearest("bsah", operators) == "bash");
  CHECK(nearest("brunch", operators) == "branch");
  CHECK(nearest("LLM", operators) == "llm");
  CHECK(nearest("retrys", operators) == "retries");
  CHECK(nearest("taskid", operators) == "task_id");
}

TEST_CASE("nearest stays silent when nothing is near", "[base]") {
  const Words operators{"http.request", "bash", "branch", "llm", ""};
  CHECK(nearest("python", operators).empty());
  CHECK(nearest("x", operators).empty());
  CHECK(nearest("", operators).empty());
  CHECK(nearest("bash", {}).empty());
  CHECK(nearest("b", Words{"c"}).empty());
  CHECK(nearest(std::string(100'000, 'a'), Words{std::string(100'000, 'b')}).empty());
}

TEST_CASE("nearest prefers the fewest slips and then the first", "[base]") {
  CHECK(nearest("retires", Words{"retirees", "retries", "retired"}) == "retirees");
  CHECK(nearest("abcdef", Words{"abcdxy", "abcdex"}) == "abcdex");
}

TEST_CASE("did_you_mean is ready to stand behind a message", "[base]") {
  CHECK(did_you_mean("bahs", Words{"bash"}) == "; did you mean \"bash\"?");
  CHECK(did_you_mean("zzz", Words{"bash"}).empty());
}
