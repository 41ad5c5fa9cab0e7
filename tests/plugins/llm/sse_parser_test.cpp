#include "plugins/llm/sse_parser.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

using llm::SseEvent;
using llm::SseParser;
using Strings = std::vector<std::string>;
using namespace std::string_view_literals;

namespace {

Strings data_of(const Strings& pieces) {
  SseParser parser;
  Strings events;
  for (const std::string& piece : pieces) {
    parser.feed(piece, [&](const SseEvent& event) { events.push_back(event.data); });
  }
  return events;
}

}  // namespace

TEST_CASE("The same events come out however the stream is cut", "[llm]") {
  const std::string lines = GENERATE(as<std::string>{}, "data: Grüße 世界\n\n: note\ndata:b\ndata\n\n",
                                     "data: Grüße 世界\r\n\r\n: note\r\ndata:b\r\ndata\r\n\r\n",
                                     "data: Grüße 世界\r\r: note\rdata:b\rdata\r\r",
                                     "\xEF\xBB\xBF"
                                     "data: Grüße 世界\n\r\n: note\rdata:b\ndata\r\n\n");
  const Strings expected{"Grüße 世界", "b\n"};
  REQUIRE(data_of({lines}) == expected);
  for (std::size_t cut = 0; cut <= lines.size(); ++cut) {
    INFO("cut at " << cut);
    CHECK(data_of({lines.substr(0, cut), "", lines.substr(cut)}) == expected);
  }
  Strings bytes;
  for (const char c : lines) bytes.emplace_back(1, c);
  CHECK(data_of(bytes) == expected);
}

TEST_CASE("An event is handed on with its blank line, not with the piece after it", "[llm]") {
  SseParser parser;
  int events = 0;
  const auto count = [&](const SseEvent&) { ++events; };
  parser.feed("data: one\r\n\r", count);
  CHECK(events == 1);
  parser.feed("\n", count);
  CHECK(events == 1);
}

TEST_CASE("Only the first space after the colon is taken off, and unknown fields are passed over", "[llm]") {
  CHECK(data_of({"data:  two\n data: no\nfoo: bar\njust text\n\n"}) == Strings{" two"});
  CHECK(data_of({"data: \xE2\x80\xA8 line separator\n\n"}) == Strings{"\xE2\x80\xA8 line separator"});
}

TEST_CASE("An event without data, or without its blank line, is dropped", "[llm]") {
  CHECK(data_of({"event: ping\n\ndata\n\ndata: kept\n\ndata: not ended\n"}) == Strings{"kept"});
}

TEST_CASE("An event's type lasts for one event, its id for all that follow", "[llm]") {
  SseParser parser;
  Strings types;
  const auto note = [&](const SseEvent& event) { types.push_back(event.type + "/" + parser.last_id()); };
  parser.feed("event: error\nid: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", note);
  CHECK(types == Strings{"error/7", "/7", "/"});
  parser.feed("id: 1\0002\nretry: 1500\nretry: 9x\n\n"sv, note);
  CHECK(parser.last_id().empty());
  CHECK(parser.retry_ms() == 1500u);
}

TEST_CASE("A line without end stops at the limit, and so does an event of many lines", "[llm]") {
  SseParser lines{100};
  CHECK(lines.feed(std::string(100, 'x'), [](const SseEvent&) { FAIL("no event was ended"); }));
  CHECK_FALSE(lines.feed("x", [](const SseEvent&) { FAIL("no event was ended"); }));
  CHECK_FALSE(lines.feed("\n\ndata: later\n\n", [](const SseEvent&) { FAIL("nothing after the limit counts"); }));

  SseParser events{100};
  bool fits = true;
  for (int i = 0; i < 50 && fits; ++i) fits = events.feed("data: four\n", [](const SseEvent&) {});
  CHECK_FALSE(fits);
}
