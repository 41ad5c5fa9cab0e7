#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/exec/operator.hpp"
#include "core/store/call_ledger.hpp"
#include "host/net/http_client.hpp"
#include "host/plugin/http_gateway.hpp"
#include "host/plugin/service_context.hpp"

namespace leeward {

/// The ledger's side of one paid request: what is recorded before it goes out and before anybody hears of its answer.
/// Owned by its HttpExchange, and kept alive by what it calls back, which comes on the client's I/O thread. `log` hears
/// of each request that was spared; null: nobody does. What is referred to must outlive the request.
class PaidCall {
 public:
  /// REQUIRES: `by` is an attempt of a run, and alive.
  PaidCall(CallLedger& ledger, HttpClient& client, const TaskCall& by, const HttpAsk& ask, PluginLog* log);

  /// Before the request goes out. After an error it must not.
  void intend(std::function<void(Result<CallLedger::Standing>)> then);
  /// What the other side may tell duplicates by; empty if the task did not ask for it. `number`: that of the Standing.
  [[nodiscard]] std::string idempotency_key(int number) const;
  /// What is shown as it arrives is recorded whole in the end.
  void gather(std::string_view piece) { gathered_.append(piece); }
  [[nodiscard]] std::string& gathered() noexcept { return gathered_; }
  /// However it ended, sent or not: `tell` gets what there is to tell once it is recorded. That is the response, or
  /// http.not_recorded. Calls `tell` before it returns if there is nothing to record. On the I/O thread.
  void ended(HttpResponse response, std::function<void(HttpResponse)> tell);

  /// The recorded answer in the client's words.
  [[nodiscard]] static HttpResponse response_of(CallAnswer answer);
  [[nodiscard]] static HttpResponse not_recorded(const Error& why, std::string_view what);

 private:
  [[nodiscard]] CallAnswer answer_of(const HttpResponse& response);
  void tell_spared() const;

  CallLedger& ledger_;
  HttpClient& client_;
  PluginLog* const log_;
  CallCounts::Place place_;
  CallKey key_;
  std::string attempt_;    ///< run, task, map index, try: what a header may say of it; empty: nothing is to be said
  bool intended_ = false;  ///< used on the I/O thread
  std::string gathered_;
};

}  // namespace leeward
