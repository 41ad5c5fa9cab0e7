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

TEST_CASE("InputRequest takes for a field what has the type of its default", "[model]") {
  const InputRequest form =
      request(R"({"form": {"note": "", "n": 1, "sure": false, "tags": [], "more": {}, "any": null}})");
  const auto filled = [&](const std::string& field, const std::string& value) {
    return form.accept(Value{R"({"params_input": {")" + field + R"(": )" + value + "}}"}, "ada");
  };
  for (const auto& [field, value] : std::vector<std::pair<std::string, std::string>>{{"note", R"("go")"},
                                                                                     {"n", "2.5"},
                                                                                     {"sure", "true"},
                                                                                     {"tags", "[1]"},
                                                                                     {"more", R"({"a":1})"},
                                                                                     {"any", "7"}}) {
    INFO(field);
    REQUIRE(filled(field, value));
    CHECK_THAT(std::string{filled(field, value)->json()}, Catch::Contains("\"" + field + "\":" + value));
  }
  const auto fault_of = [&](const std::string& field, const std::string& value) {
    const auto accepted = filled(field, value);
    REQUIRE_FALSE(accepted);
    CHECK(accepted.error().code == "input.answer");
    return accepted.error().message;
  };
  CHECK(fault_of("n", R"("12")") == R"(the field "n" takes a number, not a text)");
  CHECK(fault_of("sure", "1") == R"(the field "sure" takes true or false, not a number)");
  CHECK(fault_of("tags", "{}") == R"(the field "tags" takes a list, not an object)");
  CHECK(fault_of("more", "[]") == R"(the field "more" takes an object, not a list)");
  CHECK(fault_of("note", "null") == R"(the field "note" takes a text, not null)");
}

TEST_CASE("InputRequest keeps what looks like a number a text where a text is to be filled in", "[model]") {
  const InputRequest form = request(R"({"form": {"note": ""}})");
  for (const char* value : {"12", "1.50", "true"}) {
    CHECK_THAT(
        std::string{form.accept(Value{R"({"params_input": {"note": )" + std::string{value} + "}}"}, "ada")->json()},
        Catch::Contains(R"("note":")" + std::string{value} + "\""));
  }
}

TEST_CASE("InputRequest answers with the defaults when the time is over", "[model]") {
  CHECK(request(kWhole).timed_out().json() ==
        R"({"chosen_options":["no"],"params_input":{"note": "", "n": 1},"responded_by":null,"timed_out":true})");
}
