#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <leeward/cpp/http.hpp>

#include "chat_stream.hpp"
#include "fallback.hpp"
#include "settings.hpp"
#include "sse_parser.hpp"
#include "try_log.hpp"

namespace llm {

/// One attempt of an `llm` task: asks, waits and asks again as FallbackPlan says, until a model has answered or the
/// plan gives up. This is where the pure parts meet the host's services; it decides nothing itself.
///
/// Kept alive by the callback that is due next; it holds no thread. Used by one thread at a time, whichever the host
/// calls.
class Chain : public std::enable_shared_from_this<Chain> {
 public:
  Chain(Settings settings, leeward::sdk::Task task);

  /// Sends the request of the current step. Always LW_DEFERRED.
  lw_code ask(leeward::sdk::Deferred deferred);

 private:
  using Clock = std::chrono::steady_clock;

  void take_piece(leeward::sdk::Task task, std::string_view piece);
  void emit_what_waits(leeward::sdk::Task task);
  void done(leeward::sdk::Deferred& deferred, const leeward::sdk::HttpResponse& response);
  [[nodiscard]] ChatAnswer read(const leeward::sdk::HttpResponse& response) const;
  void report(leeward::sdk::Task task, const ChatAnswer& answer, const leeward::sdk::HttpResponse& response) const;
  void succeed(leeward::sdk::Task task, const ChatAnswer& answer) const;
  void go_on_after(leeward::sdk::Deferred& deferred, const ModelError& error,
                   const leeward::sdk::HttpResponse& response);
  [[noreturn]] void give_up() const;
  [[nodiscard]] const std::string& model() const { return settings_.models[step_.model]; }
  [[nodiscard]] std::int64_t elapsed_ms() const;
  [[nodiscard]] std::int64_t request_ms() const;

  const Settings settings_;
  const FallbackPlan plan_;
  const std::uint64_t jitter_seed_;
  FallbackPlan::Step step_;
  TryLog tries_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point request_started_ = started_;
  std::int64_t waited_ms_ = 0;  ///< time is at least what was waited: so a test's virtual timer counts too

  // Of the request in flight.
  SseParser parser_;
  ChatStream stream_;
  bool any_event_ = false;
  std::string no_events_;  ///< the body as long as it is no event stream, up to a limit
  std::string unemitted_;
  bool emitted_ = false;
};

}  // namespace llm
