#include "host/mock/mock_llm.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <utility>

#include "host/mock/mock_play.hpp"
#include "host/mock/mock_request.hpp"
#include "host/mock/mock_script.hpp"
#include "host/mock/mock_stats.hpp"
#include "host/mock/mock_wire.hpp"
#include "host/net/http_server.hpp"

namespace leeward {
namespace {

constexpr std::string_view kModels = "/v1/models";
constexpr std::string_view kChat = "/v1/chat/completions";

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// Counts one request as being answered, until its answer is out or its peer is gone, whichever is told first.
class InFlight {
 public:
  explicit InFlight(MockStats& stats) : stats_(&stats) { stats.began(); }
  ~InFlight() { end(); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  void end() {
    if (MockStats* stats = std::exchange(stats_, nullptr)) stats->finished();
  }

 private:
  MockStats* stats_;
};

/// Where the server writes a line for each request.
class RequestLog {
 public:
  [[nodiscard]] Status open(const std::string& file) {
    if (file == "-") {
      out_ = &std::cout;
    } else if (!file.empty()) {
      file_.open(file, std::ios::app);
      if (!file_) return Error{"mock.log_file", "cannot write the mock server's log file '" + file + "'"};
      out_ = &file_;
    }
    return done();
  }
  void write(const MockRecord& record) {
    if (out_ != nullptr) *out_ << to_json(record) + "\n" << std::flush;
  }

 private:
  std::ofstream file_;
  std::ostream* out_ = nullptr;
};

/// The server's own thread calls handle(); everything but the statistics is touched there alone.
class ScriptedLlm final : public MockLlm {
 public:
  ScriptedLlm(MockScript script, std::chrono::milliseconds latency) : script_(std::move(script)), latency_(latency) {}

  [[nodiscard]] Status listen(const Options& options) {
    if (Status opened = log_.open(options.log_file); !opened) return opened;
    HttpServer::Options server;
    server.listen = options.listen;
    auto started = HttpServer::start(
        server,
        [this](HttpServerRequest request, std::shared_ptr<HttpResponder> responder) { handle(request, *responder); });
    if (!started) return started.error();
    server_ = std::move(*started);
    return done();
  }

  [[nodiscard]] std::string base_url() const override { return server_->origin() + "/v1"; }
  [[nodiscard]] std::uint64_t requests() const override { return stats_.requests(); }
  [[nodiscard]] std::string stats_json() const override { return stats_.json(); }

 private:
  void handle(const HttpServerRequest& request, HttpResponder& responder);
  void answer_chat(const HttpServerRequest& request, HttpResponder& responder);
  void answer_model(std::string_view path, HttpResponder& responder);
  [[nodiscard]] bool knows_key(const HttpServerRequest& request) const;
  [[nodiscard]] bool serves(std::string_view model) const;
  void record(const MockRequest& request, int status, std::optional<std::size_t> rule, std::int64_t output_tokens);
  void reject(HttpResponder& responder, int status, std::string error_json, HttpHeaders headers = {});
  void say(HttpResponder& responder, std::string json) {
    responder.answer(200, {{"content-type", "application/json"}}, std::move(json));
  }

  MockScript script_;
  const std::chrono::milliseconds latency_;
  RequestLog log_;
  MockStats stats_;
  std::uint64_t number_ = 0;
  std::unique_ptr<HttpServer> server_;  // last: its thread uses the rest
};

std::string error_not_found(std::string_view message) { return mock_error_json(message, "invalid_request_error"); }

void ScriptedLlm::handle(const HttpServerRequest& request, HttpResponder& responder) {
  const std::string_view path = request.path();
  const bool model =
      path.substr(0, kModels.size()) == kModels && (path.size() == kModels.size() || path[kModels.size()] == '/');
  const bool known = path == kChat || model || path == "/health" || path == "/mock/stats";
  const std::string_view method = path == kChat ? "POST" : "GET";
  if (!known) {
    const std::string what = "Invalid URL (" + request.method + " " + std::string{path} +
                             "); this server answers POST " + std::string{kChat} + ", GET " + std::string{kModels} +
                             ", /health and /mock/stats";
    reject(responder, 404, error_not_found(what));
  } else if (request.method != method) {
    const std::string what = "Not allowed to " + request.method + " on " + std::string{path} + ".";
    reject(responder, 405, mock_error_json(what, "invalid_request_error", {}, "method_not_supported"),
           {{"allow", std::string{method}}});
  } else if (path == "/health") {
    say(responder, R"({"status":"ok"})");
  } else if (path == "/mock/stats") {
    say(responder, stats_.json());
  } else if (!knows_key(request)) {
    reject(responder, 401,
           mock_error_json("Incorrect API key provided.", "invalid_request_error", {}, "invalid_api_key"));
  } else if (model) {
    answer_model(path, responder);
  } else {
    answer_chat(request, responder);
  }
}

bool ScriptedLlm::knows_key(const HttpServerRequest& request) const {
  if (script_.api_key().empty()) return true;
  return request.header("authorization") == "Bearer " + script_.api_key() ||
         request.header("api-key") == script_.api_key();
}

bool ScriptedLlm::serves(std::string_view model) const {
  const auto& models = script_.models();
  return models.empty() || std::find(models.begin(), models.end(), model) != models.end();
}

void ScriptedLlm::answer_model(std::string_view path, HttpResponder& responder) {
  static const std::vector<std::string> kUsual = {"gpt-4", "gpt-4o", "gpt-3.5-turbo"};
  if (path.size() <= kModels.size() + 1) {
    say(responder, model_list_json(script_.models().empty() ? kUsual : script_.models()));
    return;
  }
  const std::string_view id = path.substr(kModels.size() + 1);
  if (serves(id)) {
    say(responder, model_json(id));
  } else {
    reject(responder, 404,
           mock_error_json("The model '" + std::string{id} + "' does not exist", "invalid_request_error", "model",
                           "model_not_found"));
  }
}

void ScriptedLlm::answer_chat(const HttpServerRequest& http, HttpResponder& responder) {
  ++number_;
  MockRequest request;
  request.idempotency_key = http.header("idempotency-key");
  if (auto rejection = read_mock_request(http.body, request)) {
    record(request, 400, std::nullopt, 0);
    reject(responder, 400, std::move(rejection->error_json));
    return;
  }
  if (!serves(request.model)) {
    record(request, 404, std::nullopt, 0);
    reject(responder, 404,
           mock_error_json("The model `" + request.model + "` does not exist or you do not have access to it.",
                           "invalid_request_error", {}, "model_not_found"));
    return;
  }
  MockScript::Match match = script_.next(request.model, request.prompt, request.stream);
  const MockReply& reply = match.reply;
  const MockCompletion completion = complete(request, reply, number_, now_ms() / 1000);
  const bool answers = reply.status == 200 && !reply.raw_body;
  record(request, reply.status, match.rule, answers ? completion.output_tokens : 0);

  const auto latency = latency_ + std::chrono::milliseconds{reply.latency_ms};
  HttpHeaders headers = reply.headers;
  headers.emplace_back("x-request-id", "req_mock_" + std::to_string(number_));
  headers.emplace_back("openai-processing-ms", std::to_string(latency.count()));
  headers.emplace_back("openai-version", "2020-10-01");

  const auto in_flight = std::make_shared<InFlight>(stats_);
  responder.on_disconnect([in_flight] { in_flight->end(); });
  if (latency.count() > 0) responder.wait(latency);
  play(responder, reply, request, completion, std::move(headers), [in_flight] { in_flight->end(); });
}

void ScriptedLlm::record(const MockRequest& request, int status, std::optional<std::size_t> rule,
                         std::int64_t output_tokens) {
  MockRecord record;
  record.number = number_;
  record.at_ms = now_ms();
  record.model = request.model;
  record.status = status;
  record.stream = request.stream;
  record.rule = rule;
  record.input_tokens = request.input_tokens;
  record.output_tokens = output_tokens;
  record.prompt = request.prompt;
  record.idempotency_key = request.idempotency_key;
  log_.write(record);
  stats_.add(std::move(record));
}

void ScriptedLlm::reject(HttpResponder& responder, int status, std::string error_json, HttpHeaders headers) {
  headers.emplace_back("content-type", "application/json");
  headers.emplace_back("x-request-id", "req_mock_" + std::to_string(number_));
  responder.answer(status, std::move(headers), std::move(error_json));
}

}  // namespace

Result<std::unique_ptr<MockLlm>> MockLlm::start(Options options) {
  Errors errors;
  auto script = MockScript::parse(std::move(options.script), options.script_name, errors);
  if (!script) {
    Error error = script.error();
    for (std::size_t i = 1; i < errors.size(); ++i) error.message += "\n" + to_string(errors[i]);
    return error;
  }
  auto llm = std::make_unique<ScriptedLlm>(std::move(*script), options.latency);
  if (Status listening = llm->listen(options); !listening) return listening.error();
  return std::unique_ptr<MockLlm>{std::move(llm)};
}

}  // namespace leeward
