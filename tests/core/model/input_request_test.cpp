#include "core/model/input_request.hpp"

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

InputRequest request(const std::string& json) { return InputRequest::parse(Value{json}).value(); }

std::string fault(const std::string& json) {
  const auto parsed = InputRequest::parse(Value{json});
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == "input.request");
  return parsed.error().message;
}

const char* const kWhole = R"({"subject": "Ship?", "body": "It is ready.", "options": ["yes", "no"],
  "defaults": ["no"], "respondents": ["ada"], "multiple": false, "form": {"note": "", "n": 1}, "timeout_ms": 1500})";

}  // namespace

TEST_CASE("InputRequest reads what is asked, and writes it as it was", "[model]") {
  const InputRequest whole = request(kWhole);
  CHECK(whole.subject == "Ship?");
  CHECK(whole.defaults == std::vector<std::string>{"no"});
  CHECK(whole.timeout == std::chrono::milliseconds{1500});
  CHECK(InputRequest::parse(whole.json())->json().json() == whole.json().json());
  CHECK_FALSE(request("{}").timeout);
}

TEST_CASE("InputRequest refuses what is no request and says which member is wrong", "[model]") {
  CHECK_THAT(fault("[]"), Catch::Contains("object"));
  CHECK_THAT(fault(R"({"topic": 1})"), Catch::Contains("\"topic\""));
  CHECK_THAT(fault(R"({"options": ["a", 1]})"), Catch::Contains("\"options\""));
  CHECK_THAT(fault(R"({"options": ["a"], "defaults": ["b"]})"), Catch::Contains("\"b\""));
  CHECK_THAT(fault(R"({"options": ["a", "b"], "defaults": ["a", "b"]})"), Catch::Contains("several defaults"));
  CHECK_THAT(fault(R"({"form": []})"), Catch::Contains("\"form\""));
}

TEST_CASE("InputRequest refuses a timeout that no clock can hold", "[model]") {
  for (const char* timeout : {"-1", "1e300", "3.3e12", "\"5s\""}) {
    CHECK_THAT(fault(std::string{R"({"timeout_ms": )"} + timeout + "}"), Catch::Contains("\"timeout_ms\""));
  }
  CHECK(request(R"({"timeout_ms": 3.1e12})").timeout > Duration{});
}

TEST_CASE("InputRequest accepts an answer from those it asked, among the options", "[model]") {
  const InputRequest whole = request(kWhole);
  CHECK(whole.accept(Value{R"({"chosen_options": ["yes"], "params_input": {"note": "go"}})"}, "ada")->json() ==
        R"({"chosen_options":["yes"],"params_input":{"note":"go","n":1},"responded_by":"ada","timed_out":false})");
  CHECK(whole.accept(Value{R"({"chosen_options": ["yes"]})"}, "bob").error().code == "input.forbidden");
  for (const char* said : {R"({"chosen_options": ["perhaps"]})", R"({"chosen_options": ["yes", "no"]})", "{}",
                           R"({"chosen_options": "yes"})", R"({"chosen_options": ["yes"], "params_input": {"x": 1}})",
                           R"({"chosen_options": ["yes"], "params_input": 7})"}) {
    INFO(said);
    CHECK(whole.accept(Value{said}, "ada").error().code == "input.answer");
  }
}

TEST_CASE("InputRequest answers with the defaults when the time is over", "[model]") {
  CHECK(request(kWhole).timed_out().json() ==
        R"({"chosen_options":["no"],"params_input":{"note": "", "n": 1},"responded_by":null,"timed_out":true})");
}
