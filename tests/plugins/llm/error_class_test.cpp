#include "plugins/llm/error_class.hpp"

#include <string>
#include <utility>

#include <catch2/catch.hpp>

using llm::classify_answer;
using llm::classify_in_band;
using llm::classify_transport;
using llm::ErrorClass;

TEST_CASE("An answer's status decides its class where the body says nothing", "[llm]") {
  const auto [status, expected] = GENERATE(table<int, ErrorClass>({{302, ErrorClass::redirected},
                                                                   {400, ErrorClass::bad_request},
                                                                   {401, ErrorClass::unauthorized},
                                                                   {402, ErrorClass::quota_exhausted},
                                                                   {403, ErrorClass::forbidden},
                                                                   {404, ErrorClass::not_found},
                                                                   {408, ErrorClass::timeout},
                                                                   {413, ErrorClass::bad_request},
                                                                   {422, ErrorClass::bad_request},
                                                                   {429, ErrorClass::rate_limited},
                                                                   {500, ErrorClass::server_error},
                                                                   {503, ErrorClass::unavailable},
                                                                   {529, ErrorClass::overloaded}}));
  for (const char* body :
       {"", "<!doctype html><title>no</title>", "{\"error\":{}}", "[]", "{\"error\":null}", "\xFF\xFE"}) {
    INFO(status << " " << body);
    const auto error = classify_answer(status, body);
    CHECK(error.error_class == expected);
    CHECK_FALSE(error.message.empty());
  }
}

TEST_CASE("A 429 that says the money is gone is not asked again, but another model may help", "[llm]") {
  for (const char* code : {"insufficient_quota", "credit_balance_exhausted", "project_spend_limit_exceeded"}) {
    const std::string body =
        R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":")" +
        std::string{code} + "\"}}";
    const auto error = classify_answer(429, body);
    CHECK(error.error_class == ErrorClass::quota_exhausted);
    CHECK(error.message == "You exceeded your current quota");
  }
  CHECK_FALSE(llm::retryable(ErrorClass::quota_exhausted));
  CHECK(llm::may_fall_back(ErrorClass::quota_exhausted));
  CHECK(
      classify_answer(429, R"({"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}})")
          .error_class == ErrorClass::rate_limited);
  CHECK(classify_answer(429, R"({"type":"error","error":{"type":"rate_limit_error","message":"m",
                                "details":{"error_code":"enforced_spend_limit_reached"}}})")
            .error_class == ErrorClass::quota_exhausted);
}

TEST_CASE("A mistake in the request or the key neither retries nor walks the chain", "[llm]") {
  for (const int status : {400, 401, 403, 404, 413, 422}) {
    const auto error_class = classify_answer(status, "").error_class;
    CHECK_FALSE(llm::retryable(error_class));
    CHECK_FALSE(llm::may_fall_back(error_class));
  }
}

TEST_CASE("The header x-should-retry overrides the class both ways", "[llm]") {
  CHECK(llm::should_retry(ErrorClass::bad_request, "true"));
  CHECK_FALSE(llm::should_retry(ErrorClass::server_error, "false"));
  CHECK(llm::should_retry(ErrorClass::server_error, ""));
  CHECK_FALSE(llm::should_retry(ErrorClass::bad_request, "maybe"));
}

TEST_CASE("An error inside a 200 is the error its code or words tell", "[llm]") {
  CHECK(classify_in_band(R"({"error":{"message":"queue full","code":429}})").error_class == ErrorClass::rate_limited);
  CHECK(classify_in_band(R"({"error":"boom"})").error_class == ErrorClass::server_error);
  CHECK(classify_in_band(R"({"error":"boom"})").message == "boom");
  CHECK(classify_in_band(R"({"code":400,"details":"logprobs of 21"})").error_class == ErrorClass::bad_request);
  CHECK(classify_in_band(R"({"error":{"code":400,"message":"m","type":"exceed_context_size_error"}})").error_class ==
        ErrorClass::context_length_exceeded);
  CHECK(classify_in_band("not json").error_class == ErrorClass::server_error);
}

TEST_CASE("What the transport says becomes a class of its own", "[llm]") {
  CHECK(classify_transport("http.timeout.first_byte", "").error_class == ErrorClass::timeout);
  CHECK(classify_transport("http.truncated", "").error_class == ErrorClass::truncated);
  CHECK(classify_transport("http.too_large", "").error_class == ErrorClass::too_large);
  CHECK(classify_transport("http.not_recorded", "").error_class == ErrorClass::not_recorded);
  CHECK_FALSE(llm::should_retry(ErrorClass::not_recorded, ""));
  CHECK_FALSE(llm::may_fall_back(ErrorClass::not_recorded));
  CHECK(classify_transport("http.connect", "127.0.0.1:1: refused").error_class == ErrorClass::connection);
  CHECK(classify_transport("http.connect", "127.0.0.1:1: refused").message == "http.connect: 127.0.0.1:1: refused");
}

TEST_CASE("A message is one line, not too long, and shows no key", "[llm]") {
  CHECK(llm::one_line("Incorrect API key: sk-proj-abcdef123456, ask\nagain") ==
        "Incorrect API key: [redacted], ask again");
  CHECK(llm::one_line("got Bearer abcdefgh12345") == "got [redacted]");
  CHECK(llm::one_line("the risk-management_team, sk-1") == "the risk-management_team, sk-1");
  const std::string cut = llm::one_line(std::string(499, 'a') + "世界");
  CHECK(cut == std::string(499, 'a') + "…");
}
