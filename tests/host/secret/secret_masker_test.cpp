#include "host/secret/secret_masker.hpp"

#include <random>

#include <catch2/catch.hpp>

#include "core/base/json.hpp"
#include "tests/support/canary.hpp"

using namespace leeward;
using leeward::test::forms_of;
using leeward::test::kCanary;

namespace {

std::string masked(const SecretMasker& masker, std::string text, Formats formats = Formats::no) {
  masker.mask(text, formats);
  return text;
}

std::string masked_json(const SecretMasker& masker, const std::string& json) {
  return masker.masked_json(json, Formats::no).value_or(json);
}

}  // namespace

TEST_CASE("A secret is masked in every form that programs write it in", "[host][secret]") {
  const SecretMasker masker{{kCanary}};
  for (const auto& [name, form] : forms_of(kCanary)) {
    INFO(name << ": " << form);
    CHECK(masked(masker, form) == "***");
    CHECK(masked(masker, "before: \"" + form + "\", after") == "before: \"***\", after");
  }
}

TEST_CASE("Secrets of every length and ending are masked in every form", "[host][secret]") {
  for (std::size_t length = 8; length <= 24; ++length) {
    const std::string secret = std::string{"x9+/\\\"Q zKw07%_-~:;=pLmN"}.substr(0, length);
    const SecretMasker masker{{secret}};
    for (const auto& [name, form] : forms_of(secret)) {
      INFO(name << ": " << form);
      CHECK(masked(masker, form) == "***");
    }
  }
}

TEST_CASE("A secret that is escaped here and there is still the secret", "[host][secret]") {
  const SecretMasker masker{{"correct horse/battery"}};
  for (const char* text : {"correct%20horse/b%61ttery", "c%6frrect+horse%2Fbattery",
                           R"(correct\u0020horse\/batter\u0079)", R"(correct horse\\/battery)", "correct%2Bhorse"}) {
    INFO(text);
    const bool is_secret = std::string{text} != "correct%2Bhorse";
    CHECK((masked(masker, text) == "***") == is_secret);
  }
}

TEST_CASE("Text around a secret, and text that only begins like one, stays as it is", "[host][secret]") {
  const SecretMasker masker{{"sk-sk-0123456789", "another secret"}};
  CHECK(masked(masker, "key sk-sk-0123456789sk-sk-0123456789, sk-sk-sk-0123456789 sk-sk-01") ==
        "key ******, sk-*** sk-sk-01");
  CHECK(masked(masker, "anothersecret, another%2secret, another\\u002, %") ==
        "anothersecret, another%2secret, another\\u002, %");
  CHECK(masked(SecretMasker{}, "sk-sk-0123456789") == "sk-sk-0123456789");
}

TEST_CASE("Secrets that overlap in a text leave one mask", "[host][secret]") {
  const SecretMasker masker{{"abcdefgh", "efghijkl", "cdefghij"}};
  CHECK(masked(masker, "-abcdefghijkl-") == "-***-");
  CHECK(masked(SecretMasker{{"aaaaaaaa"}}, std::string(100, 'a') + "b") == "***b");
}

TEST_CASE("Each line of a secret of several lines is one, too", "[host][secret]") {
  const SecretMasker masker{{"first line of a key\nsecond line of the key\nend"}};
  CHECK(masked(masker, "log: first line of a key") == "log: ***");
  CHECK(masked(masker, "log: second line of the key") == "log: ***");
  CHECK(masked(masker, "the end") == "the end");
  CHECK(masked(masker, R"("first line of a key\nsecond line of the key\nend")") == R"("***")");
}

TEST_CASE("What cannot be told from other text is no secret", "[host][secret]") {
  CHECK(SecretMasker::check("1234567").error().code == "secret.too_short");
  CHECK(SecretMasker::check("").error().code == "secret.too_short");
  CHECK(SecretMasker::check("\xFF\xFE 12345678").error().code == "secret.not_text");
  CHECK(SecretMasker::check(std::string(SecretMasker::kLongestSecret + 1, 'x')).error().code == "secret.too_long");
  CHECK(SecretMasker::check("12345678").ok());
  CHECK(SecretMasker::check("1234567").error().message.find("1234567") == std::string::npos);
}

TEST_CASE("A value that says a secret in any form does not say it", "[host][secret]") {
  const SecretMasker masker{{kCanary}};
  for (const auto& [name, form] : forms_of(kCanary)) {
    INFO(name);
    CHECK(masked_json(masker, json_quote("it: " + form)) == R"("it: ***")");
  }
}

TEST_CASE("JSON without a secret is not even copied", "[host][secret]") {
  const SecretMasker masker{{kCanary}};
  CHECK_FALSE(masker.masked_json(R"({"a": ["b", 12345678, null]})", Formats::no));
  CHECK_FALSE(SecretMasker{}.masked_json("\"" + kCanary + "\"", Formats::no));
}

TEST_CASE("Masked JSON is JSON: in values, keys, numbers, and across them", "[host][secret]") {
  const SecretMasker masker{{"12345678", "key\\end\\", R"({"type":"account"})", "q\",\"wxyzw"}};
  CHECK(masked_json(masker, R"({"a" : "x12345678y", "b":[12345678 ,true]})") ==
        R"({"a" : "x***y", "b":["***" ,true]})");
  CHECK(masked_json(masker, R"({"12345678":1})") == R"({"***":1})");
  CHECK(masked_json(masker, R"(["key\\end\\", "key\\end\\\"!"])") == R"(["***", "***\"!"])");
  CHECK(masked_json(masker, R"(["key\u005cend\u005c\n"])") == R"(["***\n"])");
  CHECK(masked_json(masker, R"({"type":"account"})") == R"({"***":"***"})");
  CHECK(masked_json(masker, R"([{"type":"account"}])") == R"("***")");
  CHECK(masked_json(masker, R"({"12345678":1,"MTIzNDU2Nzg=":2})") == R"({"***":"***"})");  // two keys became one
  CHECK(masked_json(masker, R"(["q","wxyzw"])") == R"("***")");
}

TEST_CASE("Masking any JSON leaves JSON and no trace of the secret", "[host][secret]") {
  const unsigned seed = Catch::rngSeed();
  std::mt19937 random{seed};
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(random); };
  const std::vector<std::string> pieces{"\\", "\"", "n", "u", "0", "a", "/", "%", "4", "1", "\xC3\xA9", "+", " ", "\n"};
  for (int round = 0; round < 2000; ++round) {
    std::string secret;
    while (secret.size() < 8 + below(6)) secret += pieces[below(pieces.size())];
    const SecretMasker masker{{secret}};
    const auto forms = forms_of(secret);
    JsonWriter json;
    json.begin_object().key("list").begin_array();
    for (std::size_t i = below(4); i < 5; ++i) {
      std::string text;
      for (std::size_t k = below(6); k < 6; ++k) text += pieces[below(pieces.size())];
      json.string(text + (below(2) == 0 ? secret : forms[below(forms.size())].second) + text);
    }
    json.end_array().member(below(2) == 0 ? secret : "plain", "x").end_object();
    const std::string out = masked_json(masker, json.text());
    INFO("seed " << seed << ", secret " << json_quote(secret) << ", in " << json.text() << ", out " << out);
    REQUIRE(is_json(out));
    REQUIRE_FALSE(masker.masked_json(out, Formats::no));
  }
}

TEST_CASE("A text that is JSON stays it when it is masked as any text", "[host][secret]") {
  const SecretMasker masker{{"12345678"}};
  std::string json = R"({"id": 12345678})";
  masker.mask_any(json);
  CHECK(json == R"({"id": "***"})");
  std::string text = "id: 12345678";
  masker.mask_any(text);
  CHECK(text == "id: ***");
}
