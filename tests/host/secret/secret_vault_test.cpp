#include "host/secret/secret_vault.hpp"

#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using leeward::Formats;
using leeward::SecretVault;

TEST_CASE("The vault masks what it knows, also what it learned before, and keeps no placeholder", "[host][secret]") {
  SecretVault vault;
  const auto before = vault.masker();
  CHECK(before->empty());
  REQUIRE(vault.add("first secret").ok());
  REQUIRE(vault.add("second secret").ok());
  REQUIRE(vault.add("first secret").ok());
  std::string text = "first secret, second secret";
  CHECK(vault.masker()->mask(text, Formats::no));
  CHECK(text == "***, ***");
  CHECK(before->empty());
  CHECK(vault.add("none").error().code == "secret.too_short");
}

TEST_CASE("Secrets that several threads add are all known in the end", "[host][secret]") {
  SecretVault vault;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&vault, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string secret = "secret number " + std::to_string(t * 25 + i) + ".";
        if (!vault.add(secret).ok()) return;
        std::string text = secret;
        vault.masker()->mask(text, Formats::no);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 100; ++i) {
    std::string text = "secret number " + std::to_string(i) + ".";
    vault.masker()->mask(text, Formats::no);
    CHECK(text == "***");
  }
}
