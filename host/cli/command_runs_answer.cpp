#include <charconv>
#include <ostream>

#include "host/app/answer_client.hpp"
#include "host/cli/common.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

/// What --choose and --set say, as a run takes it.
Result<Value> said_by(const Arguments& arguments) {
  JsonWriter json;
  json.begin_object().key("chosen_options").begin_array();
  for (const std::string& option : arguments.all("choose")) json.string(option);
  json.end_array().key("params_input").begin_object();
  for (const std::string& field : arguments.all("set")) {
    const std::size_t equals = field.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{"usage.option", "--set takes FIELD=VALUE, but was given \"" + field + "\""};
    const std::string value = field.substr(equals + 1);
    json.key(field.substr(0, equals)).raw(is_json(value) ? value : json_quote(value));
  }
  json.end_object().end_object();
  std::string text = json.take();
  if (!is_json(text)) return Error{"usage.option", "a field is set twice"};
  return Value{std::move(text)};
}

Result<int> map_index_of(const Arguments& arguments) {
  const std::string text = arguments.get("map-index").value_or("-1");
  int index = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error == std::errc{} && end == text.data() + text.size()) return index;
  return Error{"usage.option", "--map-index takes a number, but was given \"" + text + "\""};
}

Result<GivenAnswer> answer_of(const Arguments& arguments) {
  if (arguments.files.size() != 2)
    return Error{"usage.operands", "runs answer takes a run id and a task id (leeward runs answer --help)"};
  Result<int> map_index = map_index_of(arguments);
  if (!map_index) return std::move(map_index).error();
  Result<Value> said = said_by(arguments);
  if (!said) return std::move(said).error();
  return GivenAnswer{arguments.files[0], arguments.files[1], *map_index, *std::move(said), arguments.get("as")};
}

}  // namespace

int command_runs_answer(const Invocation& invocation) {
  const Result<GivenAnswer> answer = answer_of(invocation.arguments);
  if (!answer) return bad_usage(invocation, answer.error().message);
  const auto home = home_of(invocation);
  if (!home) return kBadInput;
  Errors warnings;
  const Result<Value> done = give_answer(*home, *answer, warnings);
  print_warnings(invocation, warnings);
  if (!done) {
    print_errors(invocation, {done.error()});
    const bool refused = done.error().code.starts_with("input.") && done.error().code != "input.no_reply";
    return refused ? kBadInput : kHostFailed;
  }
  if (invocation.arguments.has("json")) {
    invocation.out << done->json() << "\n";
  } else {
    const auto document = JsonDocument::of(*done);
    invocation.out << "answered as " << printable(document->root()["responded_by"].string()) << "\n";
  }
  return kSuccess;
}

}  // namespace leeward
