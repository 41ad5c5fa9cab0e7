#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/exec/operator.hpp"
#include "core/model/operator_info.hpp"
#include "host/plugin/http_gateway.hpp"
#include "host/plugin/run_gateway.hpp"
#include "host/runner/wire.hpp"

namespace leeward {

// The bodies of frames, written and read. Whatever reads leaves a reader that is not done() if the bytes are no such
// body; texts come out as well-formed UTF-8, and of a length that the host would have taken from a plugin itself.

/// What the host says first.
struct HelloMessage {
  std::uint32_t version = 0;
  std::string build;
  std::string plugin_file;                      ///< as people know it; the bytes come by a descriptor
  std::string limits_json;                      ///< of the sandbox; empty: none
  std::int32_t least_log_level = 0;             ///< lines below it are not wanted
  std::map<std::string, std::string> settings;  ///< of its operators, by name: JSON objects
};
void write_hello(WireWriter& out, const HelloMessage& hello);
[[nodiscard]] HelloMessage read_hello(WireReader& in);

/// What a runner says when the plugin is ready for work.
struct ReadyMessage {
  std::uint32_t operators = 0;    ///< how many
  std::vector<std::string> gaps;  ///< what of the sandbox this kernel lacks
};
void write_ready(WireWriter& out, const ReadyMessage& ready);
[[nodiscard]] ReadyMessage read_ready(WireReader& in);

/// A task as a runner knows it, with the number that the host gave the attempt.
struct RunnerTask : Task {
  std::uint64_t attempt = 0;
};

/// One attempt on its way to a runner. What is not sent the C interface has no question for.
struct StartMessage {
  std::uint32_t op = 0;  ///< which of the plugin's operators, in its own order
  std::int32_t depth = 0;
  std::shared_ptr<RunnerTask> task;  ///< what call.task points to
  TaskCall call;
};
void write_start(WireWriter& out, std::uint32_t op, int depth, const TaskCall& call);
[[nodiscard]] StartMessage read_start(WireReader& in, std::uint64_t attempt);

/// The value of a success is one JSON text within the limit, error details are a JSON object: otherwise the reader
/// fails.
void write_outcome(WireWriter& out, const TaskOutcome& outcome);
[[nodiscard]] TaskOutcome read_outcome(WireReader& in);

void write_error(WireWriter& out, const Error& error);  ///< code and message
[[nodiscard]] Error read_error(WireReader& in);

/// `chunks`: pieces of the body are wanted as they arrive.
void write_http_ask(WireWriter& out, const HttpAsk& ask, bool chunks);
[[nodiscard]] std::pair<HttpAsk, bool> read_http_ask(WireReader& in);
void write_http_response(WireWriter& out, const HttpResponse& response);
[[nodiscard]] HttpResponse read_http_response(WireReader& in);

/// An operator or a callable that a plugin asks for by name.
struct CalleeMessage {
  bool callable = false;
  std::string name;
  Value params;  ///< unchecked
};
void write_callee(WireWriter& out, const CalleeMessage& callee);
[[nodiscard]] CalleeMessage read_callee(WireReader& in);

/// What a caller has to know of a callee: its name, how it runs, and the schema of its parameters as written.
void write_operator_info(WireWriter& out, const OperatorInfo& info);
[[nodiscard]] std::unique_ptr<OperatorInfo> read_operator_info(WireReader& in);

/// conf and params are JSON objects: otherwise the reader fails.
void write_trigger(WireWriter& out, const RunTrigger& trigger);
[[nodiscard]] RunTrigger read_trigger(WireReader& in);
void write_triggered(WireWriter& out, const Result<TriggeredRun>& run);
[[nodiscard]] Result<TriggeredRun> read_triggered(WireReader& in);
void write_query(WireWriter& out, const RunStatesQuery& query);
[[nodiscard]] RunStatesQuery read_query(WireReader& in);
void write_states(WireWriter& out, const std::optional<RunStates>& states);
[[nodiscard]] std::optional<RunStates> read_states(WireReader& in);

/// The text as UTF-8, cut where it is too long; what is no UTF-8 becomes U+FFFD.
[[nodiscard]] std::string clean_text(std::string_view text);

}  // namespace leeward
