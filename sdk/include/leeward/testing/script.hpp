/// What the world answers an operator under test: HTTP answers, the operators it calls, conditions and templates.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <leeward/ext/call.h>
#include <leeward/plugin.h>
#include <leeward/testing/report.hpp>

namespace leeward::testing {

/// A request as the operator sent it.
struct SeenHttpRequest {
  std::string method, connection, url, headers_json, body;
  std::uint32_t connect_timeout_ms = 0, first_byte_timeout_ms = 0, idle_timeout_ms = 0, total_timeout_ms = 0;
  std::uint64_t max_body_bytes = 0;
  bool streams = false;          // it gave an on_chunk
  bool paid = false;             // LW_HTTP_PAID
  bool idempotency_key = false;  // LW_HTTP_IDEMPOTENCY_KEY
};

/// What comes back for one request.
struct HttpAnswer {
  int status = 200;
  std::vector<std::string> pieces;  // of the body, as they arrive
  std::string headers_json = "{}";
  SeenError error;          // with a type: the answer breaks off after the pieces
  bool never = false;       // no answer until the task is cancelled
  lw_code refused = LW_OK;  // what send() answers

  static HttpAnswer ok(std::string body) { return with(200, std::move(body)); }
  static HttpAnswer with(int status, std::string body, std::string headers_json = "{}") {
    HttpAnswer answer;
    answer.status = status, answer.pieces = {std::move(body)}, answer.headers_json = std::move(headers_json);
    return answer;
  }
  static HttpAnswer in_pieces(std::vector<std::string> pieces) {
    HttpAnswer answer;
    answer.pieces = std::move(pieces);
    return answer;
  }
  /// `type`: http.connect, http.reset, http.timeout.idle …; after `pieces` if some arrived.
  static HttpAnswer broken(std::string type, std::vector<std::string> pieces = {}) {
    HttpAnswer answer;
    answer.status = pieces.empty() ? 0 : 200;
    answer.pieces = std::move(pieces);
    answer.error.message = "scripted: " + type;
    answer.error.type = std::move(type);
    return answer;
  }
  static HttpAnswer silence() {
    HttpAnswer answer;
    answer.never = true;
    return answer;
  }
  static HttpAnswer no_such_connection() {
    HttpAnswer answer;
    answer.refused = LW_NOT_FOUND;
    return answer;
  }
};

/// What a callee answers.
struct CallAnswer {
  lw_code outcome = LW_OK;
  std::string value_json = "null";
  SeenError error;
  std::vector<std::string> branch;

  static CallAnswer ok(std::string value_json) {
    CallAnswer answer;
    answer.value_json = std::move(value_json);
    return answer;
  }
  static CallAnswer failed(lw_code outcome, std::string type, std::string message) {
    CallAnswer answer;
    answer.outcome = outcome, answer.error.type = std::move(type), answer.error.message = std::move(message);
    return answer;
  }
};

struct SeenCall {
  std::uint32_t kind = LW_CALL_OPERATOR;
  std::string name;
  std::string params_json;
};

/// What becomes of a run that the operator triggers.
struct RunAnswer {
  lw_code outcome = LW_OK;
  std::string result_json;
  SeenError error;
  std::int64_t after_ms = 0;
  bool never = false;  // no end until the task is cancelled

  static RunAnswer ended(const std::string& state, std::int64_t after_ms = 0) {
    RunAnswer answer;
    answer.result_json = R"({"run_id": "a-run", "dag_id": "a_dag", "state": ")" + state + "\"}";
    answer.after_ms = after_ms;
    return answer;
  }
  static RunAnswer failed(std::string type, std::string message, lw_code outcome = LW_FAIL) {
    RunAnswer answer;
    answer.outcome = outcome, answer.error.type = std::move(type), answer.error.message = std::move(message);
    return answer;
  }
  static RunAnswer silence() {
    RunAnswer answer;
    answer.never = true;
    return answer;
  }
};

/// Set it up before the run; read what was seen after it.
struct Script {
  // leeward.http/1: each request takes the next answer, unless on_http decides.
  std::deque<HttpAnswer> http;
  std::function<HttpAnswer(const SeenHttpRequest&)> on_http;
  std::vector<SeenHttpRequest> requests;

  // leeward.call/1, by name: a function, or an operator of a real plugin.
  std::map<std::string, std::function<CallAnswer(const SeenCall&)>> callees;
  std::vector<const lw_plugin*> callee_plugins;
  std::vector<SeenCall> calls;

  // leeward.run/1: what becomes of a run that is triggered, and what is known of the runs of others.
  std::function<RunAnswer(std::string_view request_json)> on_trigger;
  std::vector<std::string> triggers;
  std::function<std::string(std::string_view query_json)> on_task_states;

  // leeward.text/1: without these, templates know {name} and {name.member}, conditions {"value": …, "equals": …}.
  std::function<bool(std::string_view condition_json)> on_condition;
  std::function<std::string(std::string_view text, std::string_view variables_json)> on_template;

  // leeward.input/1: what was answered, a JSON object; empty: nobody was asked yet.
  std::string input_answer;
  // leeward.wait/1
  std::int64_t waited_ms = 0;
  std::int64_t reschedules = 0;

  // What the task is given. `info` is answered on top of sensible values for every key.
  std::map<std::string, std::string> info, context, connections, settings;
  /// Services that this host does not have: LW_EXT_HTTP …
  std::vector<std::string> missing_extensions;

  // Called as the operator reports, on its thread; a good place to cancel.
  std::function<void(double fraction, std::string_view note)> on_progress;
  std::function<void(std::string_view channel, std::string_view chunk)> on_emit;
  /// What emit() answers: LW_AGAIN as often as this, then LW_OK.
  int refuse_emits = 0;

  /// The callee answers the same each time.
  Script& callee(const std::string& name, CallAnswer answer) {
    callees[name] = [answer = std::move(answer)](const SeenCall&) { return answer; };
    return *this;
  }
};

}  // namespace leeward::testing
