// LLM servers whose answers are whole, and wrong.
#include <chrono>

#include <catch2/catch.hpp>

#include "tests/bad_inputs/llm_trial.hpp"
#include "tests/host/net/test_certificates.hpp"

using namespace leeward;
using namespace leeward::bad_inputs;
using namespace leeward::test;

namespace {

LlmTrial::Answer status(int code, HttpHeaders headers, std::string body = "{}") {
  return [=](const Responder& responder) { responder->answer(code, headers, body); };
}

std::string said(const Outcome& outcome) {
  const Json answer = outcome.report->root()["context"]["answer"];
  return answer.is_string() ? std::string(answer.string()) : "nothing";
}

}  // namespace

TEST_CASE("L001 A page of HTML is no answer, whatever its status", "[bad_inputs][llm]") {
  LlmTrial llm(status(200, {{"Content-Type", "text/html"}}, "<html><body>Login</body></html>"));
  const Outcome outcome = llm.fails("llm.schema");
  CHECK(has(text(outcome.task("ask")["error"]), "Login"));
}

TEST_CASE("L002 A stream of broken events is an error and no answer", "[bad_inputs][llm]") {
  LlmTrial broken([](const Responder& responder) {
    responder->begin(200, event_stream()).piece(delta("well") + "data: {bad\n\n" + "data: [DONE]\n\n").end();
  });
  broken.fails("llm.schema", kStreamed);
  LlmTrial nameless(
      [](const Responder& responder) { responder->begin(200, event_stream()).piece("hello\n\nworld\n\n").end(); });
  nameless.fails("llm.schema", kStreamed);
}

TEST_CASE("L003 A stream that ends without saying so is no answer", "[bad_inputs][llm]") {
  LlmTrial llm([](const Responder& responder) { responder->begin(200, event_stream()).piece(delta("half")).end(); });
  llm.fails("llm.truncated", kStreamed);
}

TEST_CASE("L016 A redirect is never followed, so the key stays where it belongs", "[bad_inputs][llm]") {
  LlmTrial other(status(200, {{"Content-Type", "application/json"}}, completion("gotcha")));
  for (const int code : {301, 302, 307, 308}) {
    LlmTrial llm(status(code, {{"Location", other.server().origin() + "/v1/chat/completions"}}));
    llm.fails("llm.redirected");
    CHECK(llm.requests() == 1);
  }
  CHECK(other.server().connections_accepted() == 0);
}

TEST_CASE("L017 No redirect leads to a file, round in a circle, or to the cloud's own address", "[bad_inputs][llm]") {
  for (const char* where : {"file:///etc/passwd", "/v1/chat/completions", "http://169.254.169.254/latest/meta-data/"}) {
    LlmTrial llm(status(302, {{"Location", where}}));
    llm.fails("llm.redirected");
    CHECK(llm.requests() == 1);
  }
}

TEST_CASE("L018 A server cannot make the host wait for ever", "[bad_inputs][llm]") {
  for (const char* seconds : {"99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "301"}) {
    INFO(seconds);
    LlmTrial llm(status(429, {{"Retry-After", seconds}}));
    const Outcome outcome = llm.ask("\"max_retries\": 5");
    CHECK(outcome.code("ask") == "llm.rate_limited");
    CHECK(llm.requests() == 1);  // the wait is longer than any that is waited out
  }
  for (const char* nonsense : {"-1", "NaN", "soon", ""}) {
    INFO(nonsense);
    LlmTrial llm(status(429, {{"Retry-After", nonsense}}));
    CHECK(llm.ask("\"max_retries\": 1").code("ask") == "llm.rate_limited");
    CHECK(llm.requests() == 2);
  }
}

TEST_CASE("L019 A server that always says later is asked as often as may be, and no more", "[bad_inputs][llm]") {
  LlmTrial llm(status(429, {{"retry-after-ms", "1"}}));
  llm.fails("llm.rate_limited", "\"max_retries\": 4");
  CHECK(llm.requests() == 5);
}

TEST_CASE("L024 An answer of another shape is refused, with the place where it differs", "[bad_inputs][llm]") {
  const std::vector<std::pair<std::string, std::string>> kShapes{
      {R"({"choices": "x"})", "choices"},
      {R"({"choices": []})", "choices"},
      {R"({"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": null}}]})", "content"},
      {R"({"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": 7}}]})", "content"},
      {R"({"choices": [7]})", "choices"},
      {R"([])", ""},
      {R"({})", "choices"},
      {R"({"choices": [)", ""},
      {"", ""}};
  for (const auto& [body, word] : kShapes) {
    INFO(body);
    LlmTrial llm(status(200, {{"Content-Type", "application/json"}}, body));
    const Outcome outcome = llm.fails("llm.schema");
    CHECK(has(text(outcome.task("ask")["error"]["message"]), word));
  }
}

TEST_CASE("L026 Escapes in an answer are kept in the report and reach no terminal", "[bad_inputs][llm]") {
  const std::string evil =
      std::string("\x1b]0;owned\x07\x1b[2J<script>alert(1)</script>") + std::string(1, '\0') + "end";
  LlmTrial llm(status(200, {{"Content-Type", "application/json"}}, completion(evil)));
  const Outcome outcome = llm.ask();
  CHECK(outcome.ended.status == 0);
  CHECK(said(outcome) == evil);
  CHECK_FALSE(has(outcome.all(), "\x1b"));
  const Ended table = llm.trial().leeward({"run", (llm.trial().dir() / "bad.json").string()});
  CHECK(table.status == 0);
  CHECK_FALSE(has(table.out + table.err, "\x1b"));
  CHECK_FALSE(has(table.out + table.err, "\x07"));
}

TEST_CASE("L027 A server that repeats the key shows it to nobody", "[bad_inputs][llm]") {
  const std::string body = completion(std::string("your key is ") + kKey);
  LlmTrial answer(status(200, {{"Content-Type", "application/json"}}, body));
  CHECK(answer.ask().ended.status == 0);
  LlmTrial error(status(401, {{"Content-Type", "application/json"}},
                        R"({"error": {"message": "wrong key: Bearer )" + std::string(kKey) + R"(", "type": "auth"}})"));
  CHECK(error.ask().code("ask") == "llm.unauthorized");
  const std::string key = kKey;
  LlmTrial stream([&key](const Responder& responder) {
    responder->begin(200, event_stream()).piece(delta("it is " + key.substr(0, 9))).piece(delta(key.substr(9)));
    responder->piece(delta(" and once more " + key) + "data: [DONE]\n\n").end();
  });
  const Outcome streamed = stream.ask(kStreamed);
  CHECK(streamed.ended.status == 0);
  CHECK(said(streamed) == "it is *** and once more ***");
  for (const std::string& half : {key.substr(0, 9), key.substr(9)}) CHECK_FALSE(has(streamed.all(), half));
}

TEST_CASE("L029 A certificate that is not right ends the call, and no DAG can allow it", "[bad_inputs][llm]") {
  TestAuthority ours;
  TestAuthority strangers;
  const auto served_with = [](const TestAuthority::Files& files) {
    HttpServer::Options options;
    options.certificate_file = files.certificate;
    options.key_file = files.key;
    return options;
  };
  const LlmTrial::Answer right = status(200, {{"Content-Type", "application/json"}}, completion("well"));
  const std::vector<TestAuthority::Files> wrong{ours.issue({"DNS:localhost,IP:127.0.0.1", -2}),
                                                ours.issue({"DNS:elsewhere.example", 1}), strangers.issue({})};
  for (const TestAuthority::Files& files : wrong) {
    LlmTrial llm(right, served_with(files));
    llm.trial().environment["LEEWARD_CA_FILE"] = ours.ca_file();
    llm.fails("llm.connection");
    CHECK(llm.requests() == 0);
  }
  LlmTrial sound(right, served_with(ours.issue({})));
  sound.trial().environment["LEEWARD_CA_FILE"] = ours.ca_file();
  CHECK(said(sound.ask()) == "well");
  for (const char* word : {"verify", "insecure", "tls_verify"}) {
    const Trial trial;
    const std::string file =
        trial.dir()
            .write("flag.json", dag_of_tasks(R"({"task_id": "t", "operator": "llm", "with": {"prompt": "x", ")" +
                                             std::string(word) + R"(": false}})"))
            .string();
    const Ended refused = trial.leeward({"validate", file});
    CHECK(refused.status == 2);
    CHECK(has(refused.out, word));
  }
}
