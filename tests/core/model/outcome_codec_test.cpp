#include "core/model/outcome_codec.hpp"

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

std::string again(const std::string& json) { return encode_outcome(decode_outcome(Value{json}).value()); }

}  // namespace

TEST_CASE("An outcome reads back as it was written, of every kind and with everything in it", "[model]") {
  const std::string full =
      R"({"kind":"retry","value":{"a":[1,2.50]},)"
      R"("error":{"code":"c","message":"m","retryable":true,"http_status":429,"details":{"x":1}},)"
      R"("branch":["b","c"],"skip_downstream":"all",)"
      R"("input":{"subject":"s","body":"","options":["A"],"defaults":[],"respondents":[],"multiple":false,"form":{}},)"
      R"("retry_after_ns":1500000000,"model_calls":[{"provider":"p","model":"m","response_model":"r","error":"",)"
      R"("http_status":200,"input_tokens":-1,"output_tokens":7,"duration_ms":12}]})";
  CHECK(again(full) == full);
  for (const char* kind :
       {"success", "skipped", "retry", "failed", "reschedule", "deferred", "awaiting_input", "canceled", "timed_out"}) {
    const std::string json = std::string{R"({"kind":")"} + kind + "\"}";
    CHECK(again(json) == json);
  }
  CHECK(again(R"({"kind":"success","branch":[]})") == R"({"kind":"success","branch":[]})");
}

TEST_CASE("What is no outcome is told as damage", "[model]") {
  for (const char* json : {R"({})", R"([])", R"({"kind":"succes"})", R"({"kind":"success","branch":[1]})",
                           R"({"kind":"success","skip_downstream":"some"})", R"({"kind":"success","input":{"x":1}})"}) {
    INFO(json);
    CHECK(decode_outcome(Value{json}).error().code == "outcome.invalid");
  }
}
