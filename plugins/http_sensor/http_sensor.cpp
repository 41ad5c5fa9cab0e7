// The operator `http_sensor`: asks a server until it answers as wanted. Airflow's HttpSensor.
//
// The request goes out through the host; no thread waits, neither for the answer nor between two looks.

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <leeward/cpp/http.hpp>
#include <leeward/cpp/json_check.hpp>
#include <leeward/cpp/operator.hpp>

#include "plugins/http_sensor/answer_check.hpp"
#include "plugins/sensor/poke.hpp"

namespace {

namespace sdk = leeward::sdk;
using leeward::sdk::Deferred;
using leeward::sdk::HttpRequest;
using leeward::sdk::HttpResponse;
using leeward::sdk::retry;
using leeward::sdk::Spec;
using leeward::sdk::Task;

constexpr char kDoc[] =
    "Asks a server again and again until its answer is the one that is waited for, without holding a thread.\n\n"
    "The status is judged first: 404 (`response_error_codes_allowlist`) means \"not yet\", any other from 400 on "
    "fails the attempt, which may be retried, as does a server that is not there. Then `response_check`, a condition "
    "over the answer's `status`, `body` and `json`, decides; without it, any status of 2xx will do. The output is the "
    "answer's body: a value if it is JSON, else text.";

constexpr char kParams[] = R"({"type": "object", "required": ["url"], "additionalProperties": false, "properties": {
  "url": {"type": "string", "minLength": 1, "description": "Absolute, or a path below the connection's address"},
  "connection": {"type": "string", "minLength": 1, "x-reference": "connection", "description": "Adds address and key"},
  "method": {"type": "string", "pattern": "^[A-Za-z]+$", "default": "GET"},
  "headers": {"type": "object", "additionalProperties": {"type": "string"}},
  "body": {"description": "A text as it is, any other value as JSON"},
  "request_timeout": )" TIME_TEXT_DURATION_SCHEMA R"(,
  "response_check": {"x-condition": true, "x-template": ["status", "body", "json"],
    "description": "Holds if the answer is the one that is waited for: {\"value\": \"{json.state}\", \"equals\": \"done\"}"},
  "response_error_codes_allowlist": {"type": "array", "items": {"type": "integer"}, "default": [404],
    "description": "Statuses that mean: not yet"},
  "check_status": {"type": "boolean", "default": true,
    "description": "Whether a status from 400 on is no answer; false: it is one like any other"}, )" SENSOR_PARAMS
                           R"(}})";

HttpRequest request_of(Task task) {
  constexpr std::int64_t kDefaultMs = 60'000;
  constexpr std::int64_t kLongestMs = 24 * 3600 * 1000;
  HttpRequest request;
  request.connection = task.param<std::string>("connection", "");
  request.url = task.param<std::string>("url");
  request.method = task.param<std::string>("method", "GET");
  for (char& c : request.method) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (const auto headers = task.find_param("headers")) request.headers_json = *headers;
  if (const auto body = task.find_param("body")) {
    request.body = body->front() == '"' ? sdk::unquote(*body) : std::string(*body);
  }
  const std::int64_t timeout = time_text::duration_param_ms(task, "request_timeout").value_or(kDefaultMs);
  request.total_timeout_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(timeout, 1, kLongestMs));
  return request;
}

bool is_allowed_error(Task task, int status) {
  const auto allowed = task.param<std::vector<int>>("response_error_codes_allowlist", {404});
  return std::find(allowed.begin(), allowed.end(), status) != allowed.end();
}

/// Whether there is an answer to look into. Throws on a status that is an error.
bool has_answered(Task task, int status) {
  if (status < 400 || !task.param<bool>("check_status", true)) return true;
  if (is_allowed_error(task, status)) return false;
  throw retry("http_sensor.status", "the server answered with status " + std::to_string(status)).http(status);
}

/// Whether the answer is the one that is waited for. Where errors are answers too, any will do; a redirect, which is
/// not followed, is none.
bool is_wanted(Task task, const HttpResponse& answer) {
  if (const auto check = task.find_param("response_check"))
    return http_sensor::holds(task, *check, http_sensor::described(answer));
  return answer.ok() || answer.status >= 400;
}

/// What the answer means, with the answer itself as the output if it is the one. Throws what is wrong with it.
sensor::Look look_at(Task task, const HttpResponse& answer) {
  answer.throw_if_broken();
  if (!has_answered(task, answer.status) || !is_wanted(task, answer)) return {};
  if (sdk::is_json(answer.body)) {
    task.result_json(std::string(answer.body));
  } else {
    task.result(std::string(answer.body));
  }
  return {true};
}

struct HttpSensor {
  static constexpr Spec spec{"http_sensor", "1.0.0", kDoc, kParams, LW_OP_ASYNC | LW_OP_CONCURRENT | LW_OP_IDEMPOTENT};

  lw_code execute(Task task) const {
    const sensor::Poke poke{task};
    const HttpRequest request = request_of(task);
    return sdk::send(task.defer(), request, [poke](Deferred& deferred, const HttpResponse& answer) {
      const Task held = deferred.task();
      poke.look(held, [&] { return look_at(held, answer); });
    });
  }
};

}  // namespace

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"http_sensor", "1.0.0", "MIT", "Waiting for a server."}), HttpSensor)
