#include "host/app/question_details.hpp"

#include <catch2/catch.hpp>

using namespace leeward;
using Lines = std::vector<std::string>;

namespace {

Lines details(const std::string& body, const std::string& form = "{}") {
  const auto document = JsonDocument::of(Value{form});
  return question_details(body, document->root());
}

}  // namespace

TEST_CASE("A question shows its body line by line, and its fields with how to fill them in", "[app]") {
  CHECK(details("").empty());
  CHECK(details("Dear all,\nhello", R"({"remark":"","n":1})") == Lines{"  | Dear all,", "  | hello",
                                                                       "  field remark, now \"\": --set remark=VALUE",
                                                                       "  field n, now 1: --set n=VALUE"});
}

TEST_CASE("What a model wrote neither floods nor controls the terminal", "[app]") {
  CHECK(details("\x1b[2Jgone").front().find('\x1b') == std::string::npos);
  std::string long_text;
  for (int i = 0; i < 1000; ++i) long_text += "line\n";
  const Lines lines = details(long_text);
  CHECK(lines.size() == 31);
  CHECK(lines.back() == "  | ... and more: leeward runs waiting --json shows all of it");
}
