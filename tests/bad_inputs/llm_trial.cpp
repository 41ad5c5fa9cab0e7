#include "tests/bad_inputs/llm_trial.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

namespace leeward::bad_inputs {

LlmTrial::LlmTrial(Answer answer, HttpServer::Options options) {
  auto server = HttpServer::start(std::move(options), [answer = std::move(answer), requests = requests_](
                                                          const HttpServerRequest&, const Responder& responder) {
    ++*requests;
    answer(responder);
  });
  if (!server) throw std::runtime_error(server.error().message);
  server_ = std::move(server).value();
  trial_.environment["OPENAI_BASE_URL"] = server_->origin() + "/v1";
  trial_.environment["OPENAI_API_KEY"] = kKey;
}

LlmTrial::LlmTrial(std::string bytes)
    : LlmTrial([bytes = std::move(bytes)](const Responder& responder) { responder->raw(bytes).close(); }) {}

Outcome LlmTrial::ask(const std::string& with) {
  Outcome outcome = trial_.run(R"({"task_id": "ask", "operator": "llm", "output_key": "answer", "retries": 0,
    "with": {"prompt": "Hello", "model": "m", )" +
                               with + "}}");
  CHECK_FALSE(test::has(outcome.all(), kKey));
  return outcome;
}

Outcome LlmTrial::fails(const std::string& code, const std::string& with) {
  Outcome outcome = ask(with);
  CHECK(outcome.ended.status == 1);
  CHECK(outcome.state("ask") == "failed");
  CHECK(outcome.code("ask") == code);
  check_code(code);
  CHECK_FALSE(test::text(outcome.task("ask")["error"]["message"]).empty());
  if (outcome.report) CHECK_FALSE(outcome.report->root()["context"]["answer"].exists());
  return outcome;
}

std::string completion(const std::string& says) {
  return R"({"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": )" +
         json_quote(says) + R"(}}], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})";
}

std::string whole(const std::string& body, const std::string& more_headers) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + more_headers + "\r\n" + body;
}

HttpHeaders event_stream() { return {{"Content-Type", "text/event-stream"}}; }

std::string delta(const std::string& says) {
  return R"(data: {"choices": [{"index": 0, "delta": {"content": )" + json_quote(says) + "}}]}\n\n";
}

}  // namespace leeward::bad_inputs
