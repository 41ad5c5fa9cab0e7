#include "host/plugin/secret_filter.hpp"

#include <catch2/catch.hpp>

using leeward::SecretFilter;

namespace {

const std::string kKey = "sk-sk-0123456789";

std::string streamed(const std::string& text, std::size_t bytes) {
  SecretFilter filter{kKey};
  std::string shown;
  for (std::size_t at = 0; at < text.size(); at += bytes) shown += filter.piece(text.substr(at, bytes));
  return shown + filter.rest();
}

}  // namespace

TEST_CASE("SecretFilter takes a key out of a stream wherever its pieces end", "[host][plugin]") {
  const std::string text = "key " + kKey + kKey + ", sk-" + kKey + " sk-sk-01 and sk-sk-0";
  const std::string expected = "key [redacted][redacted], sk-[redacted] sk-sk-01 and sk-sk-0";
  for (std::size_t bytes = 1; bytes <= text.size(); ++bytes) {
    INFO(bytes);
    CHECK(streamed(text, bytes) == expected);
  }
  CHECK(SecretFilter{kKey}.whole(text) == expected);
}

TEST_CASE("SecretFilter keeps back only what the key could begin with", "[host][plugin]") {
  SecretFilter filter{kKey};
  CHECK(filter.piece("data: a\n\n") == "data: a\n\n");
  CHECK(filter.piece("tasks") == "task");
  CHECK(filter.piece(" of") == "s of");
  CHECK(filter.rest().empty());
}

TEST_CASE("SecretFilter leaves texts alone without a key, or with a placeholder for one", "[host][plugin]") {
  for (const char* secret : {"", "none"}) {
    SecretFilter filter{secret};
    CHECK(filter.whole("none of it") == "none of it");
    CHECK(filter.piece("none") == "none");
    CHECK(filter.rest().empty());
  }
}
