#include "host/app/answer_client.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "host/app/answer_service.hpp"
#include "host/net/local_socket.hpp"

namespace leeward {
namespace {

constexpr std::chrono::seconds kLimit{20};

/// Nothing if the process has gone meanwhile.
Result<std::optional<Value>> ask(const std::filesystem::path& socket, const std::string& line) {
  Result<std::string> reply = ask_local(socket, line, kLimit);
  if (!reply && reply.error().code == "net.local_gone") return std::optional<Value>{};
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

}  // namespace

Result<std::vector<Value>> questions_of(const std::filesystem::path& home) {
  std::vector<Value> questions;
  for (const auto& socket : live_sockets(answer_folder(home))) {
    Result<std::optional<Value>> reply = ask(socket, R"({"ask": "waiting"})");
    if (!reply) return std::move(reply).error();
    if (!*reply) continue;
    const auto list = JsonDocument::of(**reply);
    for (const Json question : list->root()) questions.push_back(question.value());
  }
  std::stable_sort(questions.begin(), questions.end(),
                   [](const Value& a, const Value& b) { return since(a) < since(b); });
  return questions;
}

Result<Value> give_answer(const std::filesystem::path& home, const GivenAnswer& answer) {
  for (const auto& socket : live_sockets(answer_folder(home))) {
    Result<std::optional<Value>> reply = ask(socket, line_of(answer));
    if (!reply && reply.error().code == "input.unknown_run") continue;  // another process may have it
    if (!reply) return std::move(reply).error();
    if (*reply) return **reply;
  }
  return Error{"input.unknown_run", "no process under " + home.string() + " has a run " + json_quote(answer.run_id) +
                                        " that asks something (leeward runs waiting lists what is asked)"};
}

}  // namespace leeward
