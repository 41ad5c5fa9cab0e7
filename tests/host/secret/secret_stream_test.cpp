#include "host/secret/secret_stream.hpp"

#include <random>

#include <catch2/catch.hpp>

#include "core/base/utf8.hpp"
#include "tests/support/canary.hpp"

using namespace leeward;
using leeward::test::forms_of;
using leeward::test::kCanary;

namespace {

std::string whole(const SecretMasker& masker, std::string text, Formats formats = Formats::no) {
  masker.mask(text, formats);
  return text;
}

}  // namespace

TEST_CASE("A stream is masked as its text is, cut in two anywhere, in every form", "[host][secret]") {
  const SecretMasker masker{{kCanary}};
  std::size_t cuts = 0;
  for (const auto& [name, form] : forms_of(kCanary)) {
    const std::string text = "<" + form + ">";
    for (std::size_t cut = 0; cut <= text.size(); ++cut, ++cuts) {
      SecretStream stream{masker, Formats::no};
      INFO(name << " cut at " << cut << ": " << text);
      const std::string first = stream.piece(text.substr(0, cut));
      const std::string second = stream.piece(text.substr(cut));
      REQUIRE(first + second + stream.rest() == "<***>");
    }
  }
  CHECK(cuts > 1000);
}

TEST_CASE("A stream is masked as its text is, however it is cut", "[host][secret]") {
  const unsigned seed = Catch::rngSeed();
  std::mt19937 random{seed};
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(random); };
  const std::vector<std::string> secrets{kCanary, "aaaabaaaab", "sk-%41%41%41%41", "\\\\\\\\\\n\\n\\n"};
  const SecretMasker masker{secrets};
  const std::vector<std::string> between{"",
                                         "a",
                                         "\\",
                                         "%",
                                         "%4",
                                         "\\u00",
                                         "aaaab",
                                         " AKIAABCDEFGHIJKLMNOP ",
                                         "eyJ",
                                         "\\\\",
                                         "+",
                                         "=",
                                         "\xF0\x9F\x90\xA6",
                                         "-----BEGIN ",
                                         "sk-",
                                         "\n"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t part = 0; part < 6; ++part) {
      const auto forms = forms_of(secrets[below(secrets.size())]);
      const std::string& form = forms[below(forms.size())].second;
      text += between[below(between.size())] + form.substr(0, below(3) == 0 ? below(form.size()) : form.size());
    }
    const Formats formats = below(2) == 0 ? Formats::no : Formats::yes;
    SecretStream stream{masker, formats};
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t bytes = 1 + below(9);
      shown += stream.piece(text.substr(at, bytes));
      at += bytes;
    }
    shown += stream.rest();
    INFO("seed " << seed << ", round " << round << ", text " << text);
    REQUIRE(shown == whole(masker, text, formats));
  }
}

TEST_CASE("A stream keeps back only what a secret could begin with", "[host][secret]") {
  const SecretMasker masker{{"zk-zk-0123456789"}};
  SecretStream stream{masker, Formats::no};
  CHECK(stream.piece("data: a\n\n") == "data: a\n\n");
  CHECK(stream.piece("tazk") == "ta");
  CHECK(stream.piece(" of") == "zk of");
  CHECK(stream.piece("100%") == "100");
  CHECK(stream.piece(" of it") == "% of it");
  CHECK(stream.piece("zk-zk-0123456789") == "***");
  CHECK(stream.rest().empty());
}

TEST_CASE("Secrets without end between them do not fill the memory", "[host][secret]") {
  const SecretMasker masker{{"aaaaaaaa"}};
  SecretStream stream{masker, Formats::no};
  std::string shown;
  for (int i = 0; i < 1000; ++i) shown += stream.piece("aaaaaaaaaaaaaaaa");
  CHECK(shown == "***");
  CHECK(stream.piece("b") + stream.rest() == "b");
}

TEST_CASE("Pieces that are UTF-8 stay it", "[host][secret]") {
  const SecretMasker masker{{"\xC3\xA9\xC3\xA8\xC3\xAA\xC3\xAB\xF0\x9F\x90\xA6"}};
  const std::string text = "\xC3\xA9\xC3\xA8\xC3\xA9\xC3\xA8\xC3\xAA\xC3\xAB\xF0\x9F\x90\xA6\xC3\xA9x";
  SecretStream stream{masker, Formats::no};
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = utf8_sequence(std::string_view{text}.substr(at));
    const std::string piece = stream.piece(text.substr(at, bytes));
    CHECK(is_utf8(piece));
    shown += piece;
    at += bytes;
  }
  CHECK(shown + stream.rest() == "\xC3\xA9\xC3\xA8***\xC3\xA9x");
}

TEST_CASE("A secret that becomes known in the middle of a stream is masked in what was kept and what comes",
          "[host][secret]") {
  SecretStream stream{SecretMasker{{"0123456789"}}, Formats::yes};
  std::string shown = stream.piece("one 0123456");
  CHECK(shown == "one ");
  stream.use(SecretMasker{{"0123456789", "23456abcd"}});
  shown += stream.piece("abcd, two 0123456789");
  CHECK(shown + stream.rest() == "one 01***, two ***");
}

TEST_CASE("A stream without secrets passes everything at once", "[host][secret]") {
  SecretStream stream{SecretMasker{}, Formats::no};
  CHECK(stream.piece("anything%") == "anything%");
  CHECK(stream.rest().empty());
}
