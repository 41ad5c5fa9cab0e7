#include "host/secret/event_stream_mask.hpp"

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

std::string masked(std::string body) {
  mask_event_stream(SecretMasker{{"kanarie-12345"}}, body);
  return body;
}
std::string delta(const std::string& content, int index = 0) {
  return R"(data: {"id":"c","choices":[{"index":)" + std::to_string(index) + R"(,"delta":{"content":")" + content +
         "\"}}]}\n\n";
}

}  // namespace

TEST_CASE("A secret that reaches over the events of a stream is taken out, wherever it was cut", "[host][secret]") {
  CHECK(masked(delta("it is kana") + delta("rie-12345, he said") + "data: [DONE]\n\n") ==
        delta("it is ") + delta("***, he said") + "data: [DONE]\n\n");
  std::string letters;
  for (const char c : std::string{"<kanarie-12345>"}) letters += delta({c});
  const std::string hidden = masked(letters);
  CHECK(hidden.find("***") != std::string::npos);
  CHECK(hidden.find("1") == std::string::npos);
  CHECK(hidden.find("<") < hidden.find("***"));
  CHECK(hidden.find("***") < hidden.find(">"));
}

TEST_CASE("A secret at the very end of a stream is taken out, and the beginning of one is not", "[host][secret]") {
  CHECK(masked(delta("kanarie-") + delta("12345")) == delta("") + delta("***"));
  CHECK(masked(delta("a") + delta("kanarie-")) == delta("a") + delta("kanarie-"));
}

TEST_CASE("Answers that come mixed are read apart", "[host][secret]") {
  CHECK(masked(delta("kana", 0) + delta("kana", 1) + delta("rie-12345", 0) + delta("pee", 1)) ==
        delta("", 0) + delta("kana", 1) + delta("***", 0) + delta("pee", 1));
}

TEST_CASE("A stream without a secret stays byte for byte what it was", "[host][secret]") {
  for (const std::string& body :
       {std::string{}, std::string{"data:"},
        std::string{": comment\r\nevent: x\r\ndata:  {\"a\" : [ \"\\u0041\", 1]}\r\n\r\n"},
        delta("kanarie-1234") + delta("6"), std::string{"data: {broken\ndata: kanarie\n"}, std::string{"no stream"}}) {
    CHECK(masked(body) == body);
  }
}

TEST_CASE("Data that is no JSON is one text, and what is JSON stays it", "[host][secret]") {
  CHECK(masked("data: kana\ndata: rie-12345\n") == "data: \ndata: ***\n");
  CHECK(masked("data: \"a\\n\\\"kanarie\"\ndata: \"-12345\\u0000\"\n") == "data: \"a\\n\\\"\"\ndata: \"***\\u0000\"\n");
}
