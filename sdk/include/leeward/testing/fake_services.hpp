/// The optional services of the harness's host, answered by the Script: HTTP, timer, calls, usage, conditions and
/// templates.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <leeward/cpp/json_walk.hpp>
#include <leeward/ext/call.h>
#include <leeward/ext/http.h>
#include <leeward/ext/text.h>
#include <leeward/ext/timer.h>
#include <leeward/ext/usage.h>
#include <leeward/testing/fake_task.hpp>

namespace leeward::testing {

// ---- leeward.http/1 ------------------------------------------------------------------------------------------------

/// One exchange: the pieces of the scripted answer come one event after the other, then the end.
class FakeExchange : public std::enable_shared_from_this<FakeExchange> {
 public:
  FakeExchange(FakeTask& task, HttpAnswer answer, const lw_http_callbacks& callbacks)
      : task_(task), answer_(std::move(answer)), callbacks_(callbacks) {}

  void next(std::int64_t delay_ms = 0) {
    auto action = [self = shared_from_this()](bool cancelled) { self->step(cancelled); };
    task_.world().post(answer_.never ? EventQueue::kNever : delay_ms, std::move(action));
  }

 private:
  void step(bool cancelled) {
    if (task_.is_over()) task_.world().problem("the task ended while a request of its own was under way");
    if (cancelled) return end({"http.cancelled", "the task was cancelled", "", 0, -1});
    if (next_piece_ == answer_.pieces.size()) return end(answer_.error);
    const std::string& piece = answer_.pieces[next_piece_++];
    const bool streams = callbacks_.on_chunk && answer_.status >= 200 && answer_.status < 300;
    if (streams) {
      callbacks_.on_chunk(callbacks_.arg, sdk::lend(piece));
    } else {
      gathered_ += piece;
    }
    next();
  }

  void end(const SeenError& error) {
    const lw_error raw = error.raw();
    const lw_http_response response{sizeof response, answer_.never ? 0 : answer_.status,
                                    sdk::lend(answer_.headers_json), sdk::lend(gathered_),
                                    error.type.empty() ? nullptr : &raw};
    callbacks_.on_done(callbacks_.arg, &response);
  }

  FakeTask& task_;
  const HttpAnswer answer_;
  const lw_http_callbacks callbacks_;
  std::size_t next_piece_ = 0;
  std::string gathered_;
};

struct FakeHttp {
  static lw_code send(lw_task* task, const lw_http_request* request, const lw_http_callbacks* callbacks) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("http.send") || !request || !callbacks || !callbacks->on_done) return LW_INVALID;
    const SeenHttpRequest seen = see(*request, callbacks->on_chunk != nullptr);
    if (!seen.headers_json.empty() && !is_json_object(seen.headers_json)) {
      self.fail_call("http.invalid", "the headers are no JSON object");
      return LW_INVALID;
    }
    HttpAnswer answer = next_answer(self.world(), seen);
    if (answer.refused == LW_NOT_FOUND) {
      self.fail_call("connection.unknown", "there is no connection '" + seen.connection + "'");
    } else if (answer.refused != LW_OK) {
      self.fail_call("http.invalid", "scripted: the request is refused");
    }
    if (answer.refused != LW_OK) return answer.refused;
    std::make_shared<FakeExchange>(self, std::move(answer), *callbacks)->next();
    return LW_OK;
  }

 private:
  static SeenHttpRequest see(const lw_http_request& raw, bool streams) {
    const auto text = [](lw_str lent) { return std::string(sdk::view(lent)); };
    const std::uint64_t flags = LW_HAS(lw_http_request, &raw, flags) ? raw.flags : 0;
    return {text(raw.method),
            text(raw.connection_id),
            text(raw.url),
            text(raw.headers_json),
            text(raw.body),
            raw.connect_timeout_ms,
            raw.first_byte_timeout_ms,
            raw.idle_timeout_ms,
            raw.total_timeout_ms,
            raw.max_body_bytes,
            streams,
            (flags & LW_HTTP_PAID) != 0,
            (flags & LW_HTTP_IDEMPOTENCY_KEY) != 0};
  }

  static HttpAnswer next_answer(World& world, const SeenHttpRequest& seen) {
    {
      const std::lock_guard lock(world.mutex);
      world.script.requests.push_back(seen);
      if (!world.script.on_http && !world.script.http.empty()) {
        HttpAnswer answer = std::move(world.script.http.front());
        world.script.http.pop_front();
        return answer;
      }
    }
    if (world.script.on_http) return world.script.on_http(seen);
    world.problem("no HTTP answer is scripted for " + seen.method + " " + seen.url);
    return HttpAnswer::broken("http.connect");
  }
};

// ---- leeward.timer/1 -----------------------------------------------------------------------------------------------

struct FakeTimer {
  static lw_code after(lw_task* task, std::uint64_t delay_ms, void (*callback)(void*, lw_code), void* arg) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("timer.after") || !callback) return LW_INVALID;
    const auto fire = [&self, callback, arg](bool cancelled) {
      if (self.is_over()) self.world().problem("the task ended while a timer of its own was running");
      callback(arg, cancelled ? LW_CANCELLED : LW_OK);
    };
    self.world().post(static_cast<std::int64_t>(delay_ms), fire);
    return LW_OK;
  }
};

// ---- leeward.usage/1 -----------------------------------------------------------------------------------------------

struct FakeUsage {
  static lw_code add_model_call(lw_task* task, const lw_model_call* call) {
    FakeTask& self = FakeTask::of(task);
    if (!self.alive("usage.add_model_call") || !call) return LW_INVALID;
    const auto text = [](lw_str lent) { return std::string(sdk::view(lent)); };
    const std::lock_guard lock(self.world().mutex);
    self.world().report.usage.push_back({text(call->provider), text(call->model), text(call->response_model),
                                         text(call->error_type), call->http_status, call->input_tokens,
                                         call->output_tokens, call->duration_ms});
    return LW_OK;
  }
};

// ---- leeward.text/1 ------------------------------------------------------------------------------------------------

struct FakeText {
  static lw_code evaluate(lw_task* task, lw_str condition_json, std::int32_t* holds) {
    FakeTask& self = FakeTask::of(task);
    const std::string_view condition = sdk::view(condition_json);
    if (!self.alive("text.evaluate") || !holds || !is_json(condition)) return LW_INVALID;
    return answered(self, [&] {
      const auto& decide = self.world().script.on_condition;
      *holds = (decide ? decide(condition) : plain_equals(condition)) ? 1 : 0;
    });
  }

  static lw_code render(lw_task* task, lw_str template_text, lw_str variables_json, const lw_buf** out) {
    FakeTask& self = FakeTask::of(task);
    const std::string_view variables = sdk::view(variables_json);
    if (!self.alive("text.render") || !out || !is_json_object(variables)) return LW_INVALID;
    return answered(self, [&] {
      const auto& scripted = self.world().script.on_template;
      const std::string_view text = sdk::view(template_text);
      *out = BufferLedger::instance().make(scripted ? scripted(text, variables) : plain_render(text, variables));
    });
  }

 private:
  /// A script's function may throw, to refuse.
  template <class Fn>
  static lw_code answered(FakeTask& self, Fn&& fn) {
    try {
      fn();
      return LW_OK;
    } catch (const std::exception& error) {
      self.fail_call("text.invalid", error.what());
      return LW_INVALID;
    }
  }

  static bool plain_equals(std::string_view condition) {
    const auto value = sdk::member(condition, "value");
    const auto equals = sdk::member(condition, "equals");
    if (!value || !equals)
      throw std::invalid_argument("the harness knows {value, equals} only: set Script::on_condition");
    return *value == *equals;
  }

  static std::string_view look_up(std::string_view variables, std::string_view path) {
    std::string_view at = variables;
    for (std::string_view rest = path; !rest.empty();) {
      const std::size_t dot = std::min(rest.find('.'), rest.size());
      const auto found = sdk::member(at, rest.substr(0, dot));
      if (!found) throw std::invalid_argument("template: no variable '" + std::string(path) + "'");
      at = *found;
      rest = dot < rest.size() ? rest.substr(dot + 1) : std::string_view();
    }
    return at;
  }

  static std::string plain_render(std::string_view text, std::string_view variables) {
    if (text.size() > 2 && text.front() == '{' && text.find('}') == text.size() - 1)
      return std::string(look_up(variables, text.substr(1, text.size() - 2)));  // the value itself, not its text
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t close = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
      if (close == std::string_view::npos) {
        out += text[at++];
        continue;
      }
      const std::string_view value = look_up(variables, text.substr(at + 1, close - at - 1));
      out += value.front() == '"' ? sdk::unquote(value) : std::string(value);
      at = close + 1;
    }
    return sdk::quote(out);
  }
};

}  // namespace leeward::testing
