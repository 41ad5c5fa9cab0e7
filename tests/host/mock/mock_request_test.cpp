#include "host/mock/mock_request.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "core/base/json.hpp"

using leeward::JsonDocument;
using leeward::MockRequest;

namespace {

/// "param: message" of a rejection, "" if there is none.
std::string rejection(const std::string& body) {
  MockRequest request;
  const auto rejected = leeward::read_mock_request(body, request);
  if (!rejected) return "";
  const auto document = JsonDocument::parse(rejected->error_json).value();
  const auto error = document->root()["error"];
  REQUIRE(error["type"].string() == "invalid_request_error");
  return (error["param"].is_string() ? std::string{error["param"].string()} : "-") + ": " +
         std::string{error["message"].string()};
}

}  // namespace

TEST_CASE("The prompt is the last user message, whatever follows it", "[mock]") {
  MockRequest request;
  REQUIRE_FALSE(
      leeward::read_mock_request(R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"max_tokens":7,
      "messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},
                  {"role":"user","content":[{"type":"text","text":"b"},{"type":"image_url"},{"type":"text","text":"c"}]},
                  {"role":"assistant","content":"d"}]})",
                                 request));
  CHECK(request.prompt == "bc");
  CHECK(request.model == "m");
  CHECK(request.stream);
  CHECK(request.include_usage);
  CHECK(request.max_tokens == 7);
  CHECK(request.input_tokens == 4 * 4 + 4);
}

TEST_CASE("A request that OpenAI would refuse is refused with the parameter's name", "[mock]") {
  const std::string head = R"({"model":"m","messages":[{"role":"user","content":"a"}],)";
  CHECK(rejection("{").find("-: We could not parse the JSON body") == 0);
  CHECK(rejection("[]").find("-: ") == 0);
  CHECK(rejection(R"({"messages":[]})").find("model: ") == 0);
  CHECK(rejection(R"({"model":"m"})").find("messages: ") == 0);
  CHECK(rejection(R"({"model":"m","messages":[]})").find("messages: ") == 0);
  CHECK(
      rejection(R"({"model":"m","messages":[{"role":"user","content":"a"},{"content":"a"}]})").find("messages[1]: ") ==
      0);
  CHECK(rejection(R"({"model":"m","messages":[{"role":"user","content":7}]})").find("messages[0]: ") == 0);
  CHECK(rejection(head + R"("max_tokens":0})").find("max_tokens: ") == 0);
  CHECK(rejection(head + R"("n":2})").find("n: ") == 0);
  CHECK(rejection(head + R"("temperature":3})").find("temperature: ") == 0);
  CHECK(rejection(head + R"("stream":"yes"})").find("stream: ") == 0);
  CHECK(rejection(head + R"("stream_options":{"include_usage":true}})").find("stream_options: ") == 0);
  CHECK(rejection(head + R"("n":1,"temperature":0.7,"tools":[],"user":"x"})").empty());
}
