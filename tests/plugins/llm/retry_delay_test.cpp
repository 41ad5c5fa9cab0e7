#include "plugins/llm/retry_delay.hpp"

#include <cstdint>
#include <optional>
#include <set>

#include <catch2/catch.hpp>

using llm::Headers;
using llm::server_wait_ms;

namespace {

constexpr std::int64_t kNow = 1696004797;  // Fri, 29 Sep 2023 16:26:37 GMT

}  // namespace

TEST_CASE("The server's wait is read from the first header that can be read", "[llm]") {
  const auto wait = [](Headers headers) { return server_wait_ms(headers, kNow); };
  CHECK(wait({{"retry-after", "20"}}) == 20'000);
  CHECK(wait({{"retry-after", "1.5"}}) == 1'500);
  CHECK(wait({{"retry-after-ms", "250"}, {"retry-after", "20"}}) == 250);
  CHECK(wait({{"x-ms-retry-after-ms", "300"}, {"retry-after", "20"}}) == 300);
  CHECK(wait({{"retry-after-ms", "soon"}, {"retry-after", "7"}}) == 7'000);
  CHECK(wait({{"retry-after", "Fri, 29 Sep 2023 16:26:57 GMT"}}) == 20'000);
  CHECK(wait({{"retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"}}).value_or(0) > llm::kRetryAfterCapMs);
}

TEST_CASE("A wait that makes no sense counts as none", "[llm]") {
  for (const char* text :
       {"", "0", "-10", "inf", "nan", "1e999", "99999999999999999999999x", "Fri, 29 Sep 100000 16:26:57 GMT",
        "Fri, 29 Sep 2023 16:26:17 GMT", "Fri, 31 Feb 2024 16:26:57 GMT", "Fri, 29 Sep 2023 16:26:57 CET"}) {
    INFO(text);
    CHECK_FALSE(server_wait_ms({{"retry-after", text}}, kNow).has_value());
  }
}

TEST_CASE("A wait above the cap leaves the backoff in its place", "[llm]") {
  CHECK(llm::retry_delay_ms({{"retry-after", "120"}}, kNow, 0, 1) == 120'000);
  const auto delay = llm::retry_delay_ms({{"retry-after", "121"}}, kNow, 0, 1);
  CHECK(delay >= 375);
  CHECK(delay <= 500);
  CHECK(llm::retry_delay_ms({{"retry-after", "99999999999999999999999999"}}, kNow, 0, 1) == delay);
}

TEST_CASE("The backoff doubles to eight seconds, less up to a quarter, and repeats for the same key", "[llm]") {
  std::set<std::int64_t> firsts;
  for (const char* key : {"run-1/a", "run-1/b", "run-2/a", "run-2/b"}) {
    const auto seed = llm::seed_of(key);
    double longest = 500;
    for (int retry = 0; retry < 12; ++retry, longest = std::min(longest * 2, 8000.0)) {
      const auto delay = static_cast<double>(llm::backoff_ms(retry, seed));
      CHECK(delay <= longest);
      CHECK(delay >= longest * 0.75 - 1);
      CHECK(llm::backoff_ms(retry, seed) == llm::backoff_ms(retry, seed));
    }
    firsts.insert(llm::backoff_ms(6, seed));
  }
  CHECK(firsts.size() == 4);
}
