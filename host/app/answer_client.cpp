#include "host/app/answer_client.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

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

std::string since(const Value& question) { return std::string{JsonDocument::of(question)->root()["since"].string()}; }

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
                   [](const Value& a, const Value& b) { return since(a) < since(b); });
  return open;
}

Result<Value> give_answer(const std::filesystem::path& home, const GivenAnswer& answer, Errors& warnings) {
  for (const Process& process : processes_of(home, warnings)) {
    Result<std::optional<Value>> reply = ask(process.socket, line_of(answer), kAnswerLimit);
    if (!reply && reply.error().code == "input.unknown_run") continue;  // another process may have it
    if (!reply) return std::move(reply).error();
    if (*reply) return **reply;
  }
  return Error{"input.unknown_run", "no process under " + home.string() + " has a run " + json_quote(answer.run_id) +
                                        " that asks something (leeward runs waiting lists what is asked)"};
}

}  // namespace leeward
