#include "host/app/answer_client.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/suggestion.hpp"
#include "host/app/answer_service.hpp"
#include "host/net/local_socket.hpp"

namespace leeward {
namespace {

constexpr std::chrono::seconds kListLimit{2};     ///< a process has its list at hand
constexpr std::chrono::seconds kAnswerLimit{10};  ///< an answer is recorded first

/// "process 12 does not reply", by the name of its socket, "12-ID.sock".
Error silent(const std::filesystem::path& socket, std::chrono::seconds limit) {
  const std::string name = socket.filename().string();
  const std::string pid = name.substr(0, name.find('-'));
  return {"input.no_reply", "process " + pid + " does not reply within " + std::to_string(limit.count()) +
                                " s; is it stopped? kill -CONT " + pid};
}

/// Nothing if the process has gone.
Result<std::optional<Value>> ask(const std::filesystem::path& socket, const std::string& line,
                                 std::chrono::seconds limit) {
  Result<std::string> reply = ask_local(socket, line, limit);
  if (!reply && reply.error().code == "net.local_gone") {
    std::error_code ignored;
    std::filesystem::remove(socket, ignored);
    return std::optional<Value>{};
  }
  if (!reply && reply.error().code == "net.local_busy") return silent(socket, limit);
  if (!reply) return std::move(reply).error();
  const auto document = JsonDocument::parse(std::move(reply).value(), socket.string());
  if (!document) return document.error();
  if (const Json error = (*document)->root()["error"]) {
    return Error{std::string{error["code"].string()}, std::string{error["message"].string()}};
  }
  return std::optional<Value>{(*document)->root().value()};
}

std::string line_of(const GivenAnswer& answer) {
  JsonWriter out;
  out.begin_object().member("ask", "answer").member("run_id", answer.run_id).member("task_id", answer.task_id);
  out.member("map_index", answer.map_index).key("answer").raw(answer.said.json());
  if (answer.as) out.member("as", *answer.as);
  out.end_object();
  return out.take();
}

std::string text_of(const Value& question, std::string_view member) {
  return std::string{JsonDocument::of(question)->root()[member].string()};
}

/// What could have been meant, of what the run does ask.
std::string hint(const std::vector<Value>& questions, const GivenAnswer& answer) {
  std::vector<std::string> tasks;
  std::string indexes;
  for (const Value& question : questions) {
    if (text_of(question, "run_id") != answer.run_id) continue;
    tasks.push_back(text_of(question, "task_id"));
    const auto index = JsonDocument::of(question)->root()["map_index"].integer();
    if (tasks.back() == answer.task_id && index && *index >= 0)
      indexes += (indexes.empty() ? "" : ", ") + std::to_string(*index);
  }
  if (!indexes.empty()) return "; it is mapped, and these wait: --map-index " + indexes;
  if (std::find(tasks.begin(), tasks.end(), answer.task_id) == tasks.end()) return did_you_mean(answer.task_id, tasks);
  return "; it is not mapped: leave out --map-index";
}

/// A process that replies, and what it has to be answered.
struct Process {
  std::filesystem::path socket;
  std::vector<Value> questions;
};

std::vector<Process> processes_of(const std::filesystem::path& home, Errors& warnings) {
  std::vector<Process> processes;
  for (auto& socket : local_sockets(answer_folder(home))) {
    Result<std::optional<Value>> reply = ask(socket, R"({"ask": "waiting"})", kListLimit);
    if (!reply) warnings.push_back(std::move(reply).error());
    if (!reply || !*reply) continue;
    Process process{std::move(socket), {}};
    const auto list = JsonDocument::of(**reply);
    for (const Json question : list->root()) process.questions.push_back(question.value());
    processes.push_back(std::move(process));
  }
  return processes;
}

}  // namespace

OpenQuestions questions_of(const std::filesystem::path& home) {
  OpenQuestions open;
  for (Process& process : processes_of(home, open.warnings)) {
    for (Value& question : process.questions) open.questions.push_back(std::move(question));
  }
  std::stable_sort(open.questions.begin(), open.questions.end(),
                   [](const Value& a, const Value& b) { return text_of(a, "since") < text_of(b, "since"); });
  return open;
}

Status cancel_in_process(const std::filesystem::path& home, const std::string& run_id) {
  JsonWriter line;
  line.begin_object().member("ask", "cancel").member("run_id", run_id).end_object();
  std::optional<Error> silence;
  for (const auto& socket : local_sockets(answer_folder(home))) {
    const Result<std::optional<Value>> reply = ask(socket, line.text(), kAnswerLimit);
    if (reply && *reply) return done();
    if (!reply && reply.error().code != "input.unknown_run") silence = reply.error();
  }
  if (silence) return *silence;
  return Error{"input.unknown_run", "no process under " + home.string() + " has run " + run_id};
}

Result<Value> give_answer(const std::filesystem::path& home, const GivenAnswer& answer, Errors& warnings) {
  const std::vector<Process> processes = processes_of(home, warnings);
  for (const Process& process : processes) {
    Result<std::optional<Value>> reply = ask(process.socket, line_of(answer), kAnswerLimit);
    if (!reply && reply.error().code == "input.unknown_run") continue;  // another process may have it
    if (!reply && reply.error().code == "input.nothing_asked")
      return Error{reply.error().code, reply.error().message + hint(process.questions, answer)};
    if (!reply) return std::move(reply).error();
    if (*reply) return **reply;
  }
  std::vector<std::string> runs;
  for (const Process& process : processes) {
    for (const Value& question : process.questions) runs.push_back(text_of(question, "run_id"));
  }
  return Error{"input.unknown_run", "no process under " + home.string() + " has a run " + json_quote(answer.run_id) +
                                        " that asks something" + did_you_mean(answer.run_id, runs) +
                                        " (leeward runs waiting lists what is asked)"};
}

}  // namespace leeward
