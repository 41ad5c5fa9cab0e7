#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "plugins/llm/chat_stream.hpp"
#include "plugins/llm/error_class.hpp"
#include "plugins/llm/json_text.hpp"
#include "plugins/llm/retry_delay.hpp"
#include "plugins/llm/sse_parser.hpp"

// Cases collected from providers' clients and their bug reports, one JSON file outside the repository: LEEWARD_SHARED
// names its folder's parent, else it is looked for beside the sources. Each area prints what it ran and what it left
// out.

using llm::ErrorClass;
using llm::Json;

namespace {

/// Cases that do not apply here, each with the reason.
const std::map<std::string, std::string> kExceptions = {
    {"sse-mixed-odd-comments", "its input is not in the file"},
    {"should_retry-retry-count-header-0", "a header of OpenAI's SDK; llm_test counts the requests"},
    {"should_retry-retry-count-header-2", "a header of OpenAI's SDK; llm_test counts the requests"},
    {"should_retry-retry-count-header-4", "a header of OpenAI's SDK; llm_test counts the requests"},
    {"should_retry-no-leak-on-retry", "connections are the host's; its HTTP client is tested for it"},
};

std::string cases_file() {
  const char* shared = std::getenv("LEEWARD_SHARED");
  return (shared != nullptr ? std::string{shared} : std::string{LEEWARD_SOURCE_DIR "/../shared"}) +
         "/conformance/llm_cases.json";
}

/// Runs every case of one area; `check` is given its input and what is expected.
template <class Check>
void run_area(const std::string& area, Check&& check) {
  std::ifstream file{cases_file()};
  if (!file) {
    WARN("SKIP: " + cases_file() + " is not there (LEEWARD_SHARED names another folder)");
    return;
  }
  std::stringstream text;
  text << file.rdbuf();
  int ran = 0;
  int left_out = 0;
  const Json document = Json::parse(text.str());
  for (const Json& test_case : document["cases"]) {
    if (test_case["area"] != area) continue;
    const std::string id = test_case["id"];
    if (kExceptions.count(id) != 0) {
      ++left_out;
      std::cout << "  left out: " << id << ": " << kExceptions.at(id) << "\n";
      continue;
    }
    ++ran;
    INFO(id);
    check(test_case["input"], test_case["expect"], id);
  }
  std::cout << area << ": " << ran << " cases ran, " << left_out << " left out\n";
  CHECK(ran > 0);
}

std::vector<std::string> pieces_of(const Json& input) {
  if (!input["chunks_hex"].is_array()) {  // 2000 events in one piece
    std::string events;
    for (int i = 0; i < 2000; ++i) events += "data:ok\n\n";
    return {events};
  }
  std::vector<std::string> pieces;
  for (const std::string hex : input["chunks_hex"]) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
      bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    pieces.push_back(bytes);
  }
  return pieces;
}

Json events_of(const std::vector<std::string>& pieces, Json* retry_ms = nullptr) {
  llm::SseParser parser;
  Json events = Json::array();
  for (const std::string& piece : pieces) {
    parser.feed(piece, [&](const llm::SseEvent& event) {
      events.push_back({{"data", event.data}, {"event", event.type}, {"id", parser.last_id()}});
    });
  }
  if (retry_ms != nullptr && parser.retry_ms()) *retry_ms = *parser.retry_ms();
  return events;
}

/// Each expected event names the members that count.
void check_events(const Json& events, const Json& expected) {
  REQUIRE(events.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (const auto& [name, value] : expected[i].items()) CHECK(events[i][name] == value);
  }
}

llm::Headers headers_of(const Json& input) {
  llm::Headers headers;
  if (input.contains("headers")) {
    for (const auto& [name, value] : input["headers"].items()) headers[name] = value.get<std::string>();
  }
  return headers;
}

std::string body_of(const Json& input) {
  if (input.contains("body_text")) return input["body_text"];
  return input.contains("body") ? input["body"].dump() : "";
}

llm::ChatAnswer stream_answer(const std::vector<std::string>& bodies, bool structured = false) {
  llm::SseParser parser;
  llm::ChatStream stream;
  for (const std::string& body : bodies) {
    parser.feed(body, [&](const llm::SseEvent& event) { stream.take(event); });
  }
  llm::ChatAnswer answer = stream.finish();
  llm::judge(answer, structured);
  return answer;
}

/// What a case calls an error, in our words.
ErrorClass named(const std::string& error) {
  if (error == "stream_truncated") return ErrorClass::truncated;
  if (error == "content_filtered") return ErrorClass::content_filtered;
  return ErrorClass::output_truncated;
}

void check_answer(const llm::ChatAnswer& answer, const Json& expect) {
  if (expect.contains("tool_calls")) {  // no tools are offered here: an answer that asks for one is no text
    REQUIRE(answer.error);
    CHECK(answer.wants_tools);
    return;
  }
  const Json first = expect.contains("choices") ? expect["choices"][0] : expect;
  if (expect.contains("error")) {
    REQUIRE(answer.error);
    CHECK(answer.error->error_class == named(expect["error"]));
  }
  if (first.contains("text") && first["text"].is_string()) CHECK(answer.text == first["text"]);
  if (first.contains("text") && first["text"].is_null()) CHECK_FALSE(answer.has_text);
  if (first.contains("finish_reason")) CHECK(answer.finish_reason == first["finish_reason"]);
  if (expect.contains("partial_text")) CHECK(answer.text == expect["partial_text"]);
  if (expect.contains("refusal")) {
    CHECK(answer.refusal == expect["refusal"]);
    CHECK(answer.error->error_class == ErrorClass::refused);
  }
  if (expect.contains("reasoning")) CHECK(answer.reasoning == expect["reasoning"]);
  if (expect.contains("usage")) CHECK(answer.usage == expect["usage"]);
  const char* cached = "usage.prompt_tokens_details.cached_tokens";
  if (expect.contains(cached)) CHECK(answer.usage["prompt_tokens_details"]["cached_tokens"] == expect[cached]);
}

}  // namespace

TEST_CASE("The shared cases of server-sent events hold", "[llm]") {
  run_area("sse", [](const Json& input, const Json& expect, const std::string& id) {
    Json retry_ms;
    const auto pieces = pieces_of(input);
    check_events(events_of(pieces, &retry_ms), expect["events"]);
    if (expect.contains("retry_ms")) CHECK(retry_ms == expect["retry_ms"]);
    if (id.find("every-split") == std::string::npos) return;
    for (std::size_t cut = 0; cut <= pieces[0].size(); ++cut) {
      check_events(events_of({pieces[0].substr(0, cut), "", pieces[0].substr(cut)}), expect["events"]);
    }
  });
}

TEST_CASE("The shared cases of what is asked again hold", "[llm]") {
  run_area("should_retry", [](const Json& input, const Json& expect, const std::string&) {
    if (input.contains("transport_error")) {
      const std::string what = input["transport_error"];
      const char* type = what.find("timeout") != std::string::npos ? "http.timeout.first_byte" : "http.reset";
      CHECK(llm::retryable(llm::classify_transport(type, what).error_class) == expect["retry"]);
      return;
    }
    const auto headers = headers_of(input);
    const auto verdict = headers.find("x-should-retry");
    const auto wait = llm::server_wait_ms(headers, input.value("now_epoch", std::int64_t{0}));
    const bool in_time = !wait || *wait <= llm::kRetryAfterCapMs;
    const auto error_class = llm::classify_answer(input["status"], "").error_class;
    CHECK((in_time && llm::should_retry(error_class, verdict == headers.end() ? "" : verdict->second)) ==
          expect["retry"]);
  });
}

TEST_CASE("The shared cases of how long to wait hold", "[llm]") {
  run_area("retry_delay", [](const Json& input, const Json& expect, const std::string& id) {
    const int retry = input["max_retries"].get<int>() - input["remaining_retries"].get<int>();
    const std::int64_t cap = id.find("anthropic") != std::string::npos ? 60'000 : llm::kRetryAfterCapMs;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const auto delay = llm::retry_delay_ms(headers_of(input), input["now_epoch"], retry, seed, cap);
      CHECK(static_cast<double>(delay) >= expect["delay_s_min"].get<double>() * 1000);
      CHECK(static_cast<double>(delay) <= expect["delay_s_max"].get<double>() * 1000);
    }
  });
}

TEST_CASE("The shared cases of streamed answers hold", "[llm]") {
  run_area("chat_stream", [](const Json& input, const Json& expect, const std::string& id) {
    std::vector<std::string> bodies;
    for (const std::string data : input["sse_data"]) bodies.push_back("data: " + data + "\n\n");
    check_answer(stream_answer(bodies, id.find("structured") != std::string::npos), expect);
  });
}

TEST_CASE("The shared cases of error classes hold", "[llm]") {
  run_area("error_class", [](const Json& input, const Json& expect, const std::string&) {
    llm::ModelError error;
    if (input.contains("stream")) {
      const auto answer = stream_answer(input["stream"].get<std::vector<std::string>>());
      REQUIRE(answer.error);
      error = *answer.error;
    } else {
      error = llm::classify_answer(input["status"], body_of(input));
    }
    CHECK(llm::type_name(error.error_class) == "llm." + expect["class"].get<std::string>());
    if (expect.contains("retry") && expect["retry"].is_boolean())
      CHECK(llm::retryable(error.error_class) == expect["retry"]);
    if (expect.contains("message")) CHECK(error.message == expect["message"]);
    if (expect.contains("fallback_allowed")) CHECK(llm::may_fall_back(error.error_class) == expect["fallback_allowed"]);
  });
}

TEST_CASE("Every exception from the shared cases is still one", "[llm]") {
  std::ifstream file{cases_file()};
  if (!file) {
    WARN("SKIP: " + cases_file() + " is not there");
    return;
  }
  std::stringstream text;
  text << file.rdbuf();
  for (const auto& [id, reason] : kExceptions) {
    INFO(id << ": " << reason);
    CHECK(text.str().find('"' + id + '"') != std::string::npos);
  }
}
