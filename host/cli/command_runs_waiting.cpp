#include <ostream>

#include "core/model/instance_name.hpp"
#include "host/app/answer_client.hpp"
#include "host/app/question_details.hpp"
#include "host/cli/common.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

void print_json(std::ostream& out, const std::vector<Value>& questions) {
  JsonWriter json;
  json.begin_array();
  for (const Value& question : questions) json.raw(question.json());
  json.end_array();
  out << json.text() << "\n";
}

std::string list_of(Json texts) {
  std::string all;
  for (const Json text : texts) all += (all.empty() ? "" : ", ") + std::string{text.string()};
  return all;
}

void print_text(std::ostream& out, const Value& question) {
  const auto document = JsonDocument::of(question);
  const Json root = document->root();
  const auto map_index = static_cast<int>(root["map_index"].integer().value_or(-1));
  std::string line = std::string{root["run_id"].string()} + " " + instance_name(root["task_id"].string(), map_index);
  line += "  " + std::string{root["subject"].string()};
  if (root["options"].size() > 0) line += " (" + list_of(root["options"]) + ")";
  if (root["respondents"].size() > 0) line += ", to be answered by " + list_of(root["respondents"]);
  if (root["timeout_at"].is_string()) line += ", until " + std::string{root["timeout_at"].string()};
  out << printable(line) << "\n";
  for (const std::string& detail : question_details(root["body"].string(), root["form"])) out << detail << "\n";
}

}  // namespace

int command_runs_waiting(const Invocation& invocation) {
  if (!invocation.arguments.files.empty()) return bad_usage(invocation, "runs waiting takes no operands");
  const auto home = home_of(invocation);
  if (!home) return kBadInput;
  const OpenQuestions open = questions_of(*home);
  const std::vector<Value>& questions = open.questions;
  print_warnings(invocation, open.warnings);
  if (invocation.arguments.has("json")) {
    print_json(invocation.out, questions);
  } else {
    for (const Value& question : questions) print_text(invocation.out, question);
    if (questions.empty()) invocation.err << "no run under " << printable(home->string()) << " waits for an answer\n";
  }
  return kSuccess;
}

}  // namespace leeward
