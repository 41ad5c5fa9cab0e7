#include "host/secret/secret_formats.hpp"

#include <catch2/catch.hpp>

#include "host/secret/secret_masker.hpp"

using namespace leeward;

namespace {

std::string masked(std::string text) {
  SecretMasker{}.mask(text, Formats::yes);
  return text;
}

/// Put together here, so that nobody who scans this tree for keys finds any.
std::string key(const std::string& prefix, const std::string& rest) { return prefix + rest; }

const std::string kPem = "-----BEGIN RSA PRIVATE" +
                         std::string{" KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/\nygWyF0oNIGg\n"} +
                         "-----END RSA PRIVATE KEY-----";

}  // namespace

TEST_CASE("What has the form of a key is masked though nobody has registered it", "[host][secret]") {
  const std::string letters = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0";
  for (const std::string& word :
       {key("AKIA", "ABCDEFGHIJ234567"), key("ghp_", letters.substr(0, 36)), key("gho_", letters.substr(0, 36)),
        key("github_pat_", "11ABCDEFG0a1b2c3d4e5f6_" + letters), key("sk-", letters.substr(0, 24)),
        key("sk-proj-", letters + "_x"), key("sk-ant-api03-", letters), key("xoxb-", "123456789012-" + letters),
        key("AIza", letters.substr(0, 35)),
        key("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N")}) {
    INFO(word);
    CHECK(masked(word) == "***");
    CHECK(masked("a key=" + word + ", \"" + word + "\".") == "a key=***, \"***\".");
    CHECK(masked("x" + word) == "x" + word);
  }
  CHECK(masked("key:\n" + kPem + "\ndone") == "key:\n***\ndone");
}

TEST_CASE("What only resembles a key is left alone", "[host][secret]") {
  for (const char* text :
       {"AKIA", "AKIAABCDEFGHIJ23456", "AKIAABCDEFGHIJ2345678", "sk-learn-0.24-for-everybody-who-likes-dashes",
        "sk-fading-circle-container-wrapper", "ghp_short", "AIzaTooShort", "eyJhbGciOiJIUzI1NiJ9", "eyJ.eyJ.x",
        "xoxb-1", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "--- a/file\n+++ b/file", "task-key",
        "----"}) {
    INFO(text);
    CHECK(masked(text) == text);
  }
}

TEST_CASE("A private key that is logged line by line is masked on every line", "[host][secret]") {
  const SecretMasker masker;
  bool inside = false;
  std::vector<std::string> shown;
  for (std::string line :
       {"the key:",
        "-----BEGIN PRIVATE"
        " KEY-----",
        "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn", "ygWyF0oNIGgJg4==", "-----END PRIVATE KEY-----", "and so on"}) {
    masker.mask(line, Formats::yes, &inside);
    shown.push_back(line);
  }
  CHECK(shown == std::vector<std::string>{"the key:", "***", "***", "***", "***", "and so on"});
}

TEST_CASE("A key of any length is masked to its end", "[host][secret]") {
  std::string text = key("sk-", std::string(10000, 'a') + "1" + std::string(16, 'b')) + " end";
  text.replace(20, 1, "1");
  CHECK(masked(text) == "*** end");
}

TEST_CASE("Values are data: nothing is masked in them for its form", "[host][secret]") {
  const std::string json = "\"" + key("AKIA", "ABCDEFGHIJ234567") + "\"";
  CHECK_FALSE(SecretMasker{}.masked_json(json, Formats::no));
  CHECK(SecretMasker{}.masked_json(json, Formats::yes) == "\"***\"");
}
