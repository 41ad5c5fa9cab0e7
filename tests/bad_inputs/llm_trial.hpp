#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/net/http_server.hpp"
#include "tests/bad_inputs/trial.hpp"

namespace leeward::bad_inputs {

constexpr const char* kKey = "sk-canary-4711-never-shown";

using Responder = std::shared_ptr<HttpResponder>;

/// A run whose one `llm` task asks a server that does not behave, with its canary.
class LlmTrial {
 public:
  using Answer = std::function<void(const Responder& responder)>;

  /// What each request is answered with.
  explicit LlmTrial(Answer answer, HttpServer::Options options = {});
  /// Exactly these bytes, then the end.
  explicit LlmTrial(std::string bytes);

  /// `with`: further members of the task's `with`, such as `"stream": true`.
  [[nodiscard]] Outcome ask(const std::string& with = "\"max_retries\": 0");
  /// The same, and the task must fail with this code. No answer is published, and the key is nowhere to be seen.
  Outcome fails(const std::string& code, const std::string& with = "\"max_retries\": 0");

  [[nodiscard]] std::size_t requests() const { return *requests_; }
  [[nodiscard]] HttpServer& server() { return *server_; }
  [[nodiscard]] Trial& trial() { return trial_; }

 private:
  Trial trial_;
  std::shared_ptr<std::atomic<std::size_t>> requests_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::unique_ptr<HttpServer> server_;
};

constexpr const char* kStreamed = "\"max_retries\": 0, \"stream\": true";

/// A chat completion that says this, as JSON.
[[nodiscard]] std::string completion(const std::string& says);
/// An HTTP answer of a whole body.
[[nodiscard]] std::string whole(const std::string& body, const std::string& more_headers = "");
/// The beginning of an event stream in chunks.
[[nodiscard]] HttpHeaders event_stream();
/// One event of a stream that adds this to the answer.
[[nodiscard]] std::string delta(const std::string& says);

}  // namespace leeward::bad_inputs
