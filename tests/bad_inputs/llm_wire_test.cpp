// LLM servers whose answers are not even HTTP, or do not end.
#include <chrono>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/bad_inputs/llm_trial.hpp"

using namespace leeward;
using namespace leeward::bad_inputs;
using namespace leeward::test;

namespace {

constexpr const char* kSlow = R"("max_retries": 0, "timeout": 2)";

/// Says the piece again and again, as fast as it is read, until nobody listens.
void for_ever(const Responder& responder, const std::string& piece) {
  responder->raw(piece).then([responder, piece] {
    if (responder->connected()) for_ever(responder, piece);
  });
}

/// Says the piece every 100 ms until nobody listens.
void drip(const Responder& responder, const std::string& piece) {
  responder->raw(piece).wait(std::chrono::milliseconds(100)).then([responder, piece] {
    if (responder->connected()) drip(responder, piece);
  });
}

std::string chunk(const std::string& bytes) {
  std::ostringstream size;
  size << std::hex << bytes.size();
  return size.str() + "\r\n" + bytes + "\r\n";
}

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const std::string kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("L004 A body that ends before its length is no answer", "[bad_inputs][llm]") {
  LlmTrial llm(kHead + "Content-Length: 1000\r\n\r\n{\"cho");
  llm.fails("llm.truncated");
}

TEST_CASE("L005 A stream without an end stops at its limit", "[bad_inputs][llm]") {
  LlmTrial llm([](const Responder& responder) {
    responder->raw(kStreamHead);
    for_ever(responder, chunk(delta(std::string(60'000, 'x'))));
  });
  const Outcome outcome = llm.fails("llm.too_large", kStreamed);
  check_memory(outcome.ended, llm.trial().usual_rss_kb() + 256 * 1024);
}

TEST_CASE("L006 A line without an end stops at its limit", "[bad_inputs][llm]") {
  LlmTrial llm([](const Responder& responder) {
    responder->raw(kStreamHead).raw(chunk("data: "));
    for_ever(responder, chunk(std::string(60'000, 'x')));
  });
  llm.fails("llm.too_large", kStreamed);
}

TEST_CASE("L007 A body that drips ends with the task's time", "[bad_inputs][llm]") {
  LlmTrial llm([](const Responder& responder) {
    responder->raw(kHead + "Content-Length: 1000\r\n\r\n");
    drip(responder, "{");
  });
  llm.fails("llm.timeout", kSlow);
}

TEST_CASE("L008 Headers that drip end with the task's time", "[bad_inputs][llm]") {
  LlmTrial llm([](const Responder& responder) {
    responder->raw("HTTP/1.1 200 OK\r\nX: ");
    drip(responder, "x");
  });
  llm.fails("llm.timeout", kSlow);
}

TEST_CASE("L009 A server that takes the question and says nothing is given up", "[bad_inputs][llm]") {
  LlmTrial llm([](const Responder& responder) { responder->hang(); });
  llm.fails("llm.timeout", R"("max_retries": 0, "first_token_timeout": 1)");
}

TEST_CASE("L010 What is small on the wire and large behind it is never unpacked", "[bad_inputs][llm]") {
  // The host asks for no compression. A server that compresses all the same has sent something that is no JSON.
  const std::string gzip = std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + std::string(190'000, '\0');
  LlmTrial llm(whole(gzip, "Content-Encoding: gzip\r\n"));
  const Outcome outcome = llm.ask();
  CHECK(outcome.state("ask") == "failed");
  check_memory(outcome.ended, llm.trial().usual_rss_kb() + 64 * 1024);
}

TEST_CASE("L012 What stands behind a body's length is no part of it, nor of the next answer", "[bad_inputs][llm]") {
  LlmTrial llm([](const Responder& responder) {
    responder->raw(kHead + "Content-Length: 5\r\n\r\n{\"a\":" + whole(completion("smuggled"))).keep();
  });
  const Outcome outcome = llm.ask(R"("max_retries": 1)");
  CHECK(outcome.state("ask") == "failed");
  CHECK_FALSE(has(outcome.ended.out, "smuggled"));
  CHECK(llm.server().connections_accepted() == llm.requests());
}

TEST_CASE("L013 Two lengths that differ are no length", "[bad_inputs][llm]") {
  LlmTrial llm(kHead + "Content-Length: 3\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
  llm.fails("llm.connection");
}

TEST_CASE("L014 A length that is no count is none", "[bad_inputs][llm]") {
  for (const char* length : {"-1", "1e30", "99999999999999999999999", "0x10", "1 0", ""}) {
    INFO(length);
    LlmTrial llm(kHead + "Content-Length: " + length + "\r\n\r\n" + completion("x"));
    llm.fails("llm.connection");
  }
}

TEST_CASE("L015 A chunk larger than any is refused", "[bad_inputs][llm]") {
  for (const char* size : {"FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFFF", "-1", "xyz"}) {
    INFO(size);
    LlmTrial llm(kHead + "Transfer-Encoding: chunked\r\n\r\n" + size + "\r\nabc\r\n0\r\n\r\n");
    const Outcome outcome = llm.ask();
    CHECK(outcome.state("ask") == "failed");
    check_code(outcome.code("ask"));
  }
}

TEST_CASE("L020 A connection that is reset in the middle is a failure that may pass", "[bad_inputs][llm]") {
  LlmTrial llm([](const Responder& responder) {
    responder->begin(200, event_stream()).piece(delta("half an ans")).wait(std::chrono::milliseconds(20)).reset();
  });
  const Outcome outcome = llm.ask(kStreamed);
  CHECK(outcome.state("ask") == "failed");
  check_code(outcome.code("ask"));
  CHECK(outcome.task("ask")["usage"]["requests"].integer() == 1);
}

TEST_CASE("L021 Megabytes of headers are refused", "[bad_inputs][llm]") {
  std::string headers;
  for (int i = 0; i < 5'000; ++i) headers += "X-" + std::to_string(i) + ": " + std::string(1'000, 'h') + "\r\n";
  LlmTrial llm("HTTP/1.1 200 OK\r\n" + headers + "\r\n{}");
  const Outcome outcome = llm.ask();
  CHECK(outcome.state("ask") == "failed");
  check_memory(outcome.ended, llm.trial().usual_rss_kb() + 64 * 1024);
}

TEST_CASE("L022 A server that says continue for ever is given up", "[bad_inputs][llm]") {
  LlmTrial llm([](const Responder& responder) { for_ever(responder, "HTTP/1.1 100 Continue\r\n\r\n"); });
  const Outcome outcome = llm.ask(kSlow);
  CHECK(outcome.state("ask") == "failed");
  CHECK(outcome.code("ask").starts_with("llm."));
}

TEST_CASE("L023 An answer without a status line is none", "[bad_inputs][llm]") {
  for (const char* bytes : {"garbage", "<html>no header</html>\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
                            "HTTP/1.1 abc\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\r\n\r\n"}) {
    INFO(bytes);
    LlmTrial llm{std::string(bytes)};
    const Outcome outcome = llm.ask();
    CHECK(outcome.state("ask") == "failed");
    check_code(outcome.code("ask"));
  }
}
