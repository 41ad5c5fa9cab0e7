#include "host/app/answer_service.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <pwd.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "core/base/time_format.hpp"
#include "core/base/unique_id.hpp"
#include "core/model/instance_name.hpp"
#include "host/app/question_details.hpp"
#include "host/app/shell_word.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

/// An engine answers as soon as it turns; one that does not for so long is told of as an error.
constexpr std::chrono::seconds kEngineLimit{8};

std::string error_json(const Error& error) {
  JsonWriter out;
  out.begin_object().key("error").begin_object().member("code", error.code).member("message", error.message);
  out.end_object().end_object();
  return out.take();
}

/// The login name behind a user id, or the id itself.
std::string login_of(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return "uid:" + std::to_string(uid);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// "t: may this go out? (Approve, Reject)"
std::string question_line(const std::string& who, const InputRequest& request) {
  std::string line = who + " awaits input: " + shortened(printable(request.subject), 200);
  if (!request.options.empty()) line += " (" + joined(request.options) + ")";
  if (!request.respondents.empty()) line += ", to be answered by " + joined(request.respondents);
  if (request.timeout) line += ", within " + format_duration(*request.timeout);
  return printable(line);
}

/// After it a cancel changes nothing but whether teardowns go on.
bool is_stop(const Event& event) {
  if (event.kind == EventKind::run_stopping) return event.end_reason != RunEndReason::fail_fast;
  return event.kind == EventKind::run_finished;
}

/// A run that ends first drops what was said to it.
Status status_of(std::future<Status>& told) {
  try {
    return told.get();
  } catch (const std::future_error&) {
    return Error{"input.unknown_run", "the run ended before it took notice of the answer"};
  }
}

void write_texts(JsonWriter& out, std::string_view name, const std::vector<std::string>& texts) {
  out.key(name).begin_array();
  for (const std::string& text : texts) out.string(text);
  out.end_array();
}

void write_request(JsonWriter& out, const InputRequest& request, Timestamp since) {
  out.member("subject", request.subject).member("body", request.body);
  write_texts(out, "options", request.options);
  write_texts(out, "defaults", request.defaults);
  out.key("multiple").boolean(request.multiple);
  out.key("form").raw(request.form.json());
  write_texts(out, "respondents", request.respondents);
  out.member("since", format_timestamp(since));
  out.key("timeout");
  if (request.timeout) {
    out.number(std::chrono::duration<double>(*request.timeout).count());
    out.member("timeout_at", format_timestamp({since.unix_ns + request.timeout->count()}));
  } else {
    out.null().key("timeout_at").null();
  }
}

}  // namespace

std::filesystem::path answer_folder(const std::filesystem::path& home) { return home / "run"; }

AnswerService::AnswerService(std::filesystem::path home, std::string home_option, const ActiveRuns& runs,
                             Console& console)
    : home_(std::move(home)), home_option_(std::move(home_option)), runs_(runs), console_(console) {}

void AnswerService::on_events(const RunInfo& run, const Dag& dag, std::span<const Event> events) {
  for (const Event& event : events) {
    if (is_stop(event)) stops(run.run_id);
    if (event.kind != EventKind::task_transition) continue;
    if (event.from == TaskState::awaiting_input) take_away(run, dag.task(event.task).id, event.map_index);
    if (event.to == TaskState::awaiting_input) ask(run, dag.task(event.task).id, event);
  }
}

void AnswerService::restore(const RunInfo& run, const Dag& dag, std::span<const Event> so_far) {
  std::map<std::pair<TaskIndex, int>, const Event*> open;
  for (const Event& event : so_far) {
    if (is_stop(event)) stops(run.run_id);
    if (event.kind == EventKind::run_reopened) open.clear();
    if (event.kind == EventKind::task_cleared) {
      std::erase_if(open, [&](const auto& question) { return question.first.first == event.task; });
    }
    if (event.kind != EventKind::task_transition) continue;
    if (event.from == TaskState::awaiting_input) open.erase({event.task, event.map_index});
    if (event.to == TaskState::awaiting_input) open[{event.task, event.map_index}] = &event;
  }
  for (const auto& [instance, event] : open) ask(run, dag.task(event->task).id, *event);
}

void AnswerService::take_away(const RunInfo& run, const std::string& task_id, int map_index) {
  const std::lock_guard lock{mutex_};
  questions_.erase({run.run_id, task_id, map_index});
}

void AnswerService::stops(const std::string& run_id) {
  const std::lock_guard lock{mutex_};
  stopping_.insert(run_id);
  stopped_.notify_all();
}

void AnswerService::ask(const RunInfo& run, const std::string& task_id, const Event& event) {
  const auto request = event.outcome ? event.outcome->input : nullptr;
  if (!request) return;
  {
    const std::lock_guard lock{mutex_};
    questions_.insert_or_assign({run.run_id, task_id, event.map_index}, Question{run.dag_id, event.at, request});
  }
  open();
  console_.line(question_line(instance_name(printable(task_id), event.map_index), *request));
  if (!server_) return;
  std::string command = "leeward runs answer " + shell_word(run.run_id) + " " + shell_word(task_id);
  if (event.map_index >= 0) command += " --map-index " + std::to_string(event.map_index);
  if (!request->options.empty()) command += " --choose " + shell_word(request->options.front());
  const auto& respondents = request->respondents;
  const bool asked_of_us =
      std::find(respondents.begin(), respondents.end(), login_of(::geteuid())) != respondents.end();
  if (!respondents.empty() && !asked_of_us) command += " --as " + shell_word(respondents.front());
  console_.line("  " + printable(command + home_option_));
  const auto form = JsonDocument::of(request->form);
  for (const std::string& line : question_details(request->body, form->root())) console_.line(line);
}

void AnswerService::open() {
  std::call_once(opened_, [this] { start_server(); });
}

/// A few calls to the file system: after them a command that is shown works.
void AnswerService::start_server() {
  const std::filesystem::path folder = answer_folder(home_);
  const std::string name = std::to_string(::getpid()) + "-" + unique_id(SystemClock{}.wall(), system_random());
  auto started =
      LocalServer::start(folder, name, [this](const std::string& line, uid_t peer) { return answer(line, peer); });
  if (started) {
    server_ = std::move(started).value();
  } else {
    console_.line("warning: nobody can answer what tasks ask, nor cancel a run from outside: " +
                  printable(started.error().message));
  }
}

std::string AnswerService::waiting_json() const {
  JsonWriter out;
  out.begin_array();
  const std::lock_guard lock{mutex_};
  for (const auto& [key, question] : questions_) {
    const auto& [run_id, task_id, map_index] = key;
    out.begin_object().member("run_id", run_id).member("dag_id", question.dag_id).member("task_id", task_id);
    out.member("map_index", map_index);
    write_request(out, *question.request, question.since);
    out.end_object();
  }
  out.end_array();
  return out.take();
}

/// {"ask": "waiting"}, {"ask": "answer", ...} or {"ask": "cancel", ...}; an object with "error" where it cannot be
/// done.
std::string AnswerService::answer(const std::string& line, uid_t peer) {
  const auto document = JsonDocument::parse(line, "request");
  if (!document) return error_json(document.error());
  const Json root = (*document)->root();
  const Json ask = root["ask"];
  if (ask.is_string() && ask.string() == "waiting") return waiting_json();
  if (ask.is_string() && ask.string() == "answer") return take_answer(root, peer);
  if (ask.is_string() && ask.string() == "cancel") return take_cancel(root);
  return error_json({"input.request", "nothing that this version can be asked"});
}

/// Told when it is recorded. A second cancel ends teardowns, too, and has nothing to wait for.
std::string AnswerService::take_cancel(Json said) {
  const Json run_id = said["run_id"];
  if (!run_id.is_string()) return error_json({"input.request", "a cancel names a run"});
  if (!runs_.cancel(run_id.string()))
    return error_json({"input.unknown_run", "no process has a run " + json_quote(run_id.string()) + " under way"});
  std::unique_lock lock{mutex_};
  if (!stopped_.wait_for(lock, kEngineLimit, [&] { return stopping_.contains(run_id.string()); }))
    return error_json({"input.no_reply", "the run has not taken notice of the cancel; look at it again"});
  JsonWriter out;
  out.begin_object().member("run_id", run_id.string()).end_object();
  return out.take();
}

std::string AnswerService::take_answer(Json said, uid_t peer) const {
  const Json run_id = said["run_id"];
  const Json task_id = said["task_id"];
  const Json answer = said["answer"];
  const Json as = said["as"];
  if (!run_id.is_string() || !task_id.is_string() || !answer.is_object())
    return error_json({"input.request", "an answer names a run and a task"});
  const Json index = said["map_index"];
  const int map_index = index.is_integer() ? static_cast<int>(index.integer().value_or(-1)) : -1;
  const std::string user = as.is_string() ? std::string{as.string()} : login_of(peer);
  const auto promise = std::make_shared<std::promise<Status>>();
  std::future<Status> told = promise->get_future();
  const bool found = runs_.answer(run_id.string(), std::string{task_id.string()}, map_index, answer.value(), user,
                                  [promise](Status status) { promise->set_value(std::move(status)); });
  if (!found)
    return error_json({"input.unknown_run", "no process has a run " + json_quote(run_id.string()) + " under way"});
  if (told.wait_for(kEngineLimit) != std::future_status::ready)
    return error_json({"input.no_reply", "the run has not taken notice of the answer; look at it again"});
  const Status status = status_of(told);
  if (!status) return error_json(status.error());
  JsonWriter out;
  out.begin_object().member("run_id", run_id.string()).member("task_id", task_id.string());
  out.member("map_index", map_index).member("responded_by", user).end_object();
  return out.take();
}

}  // namespace leeward
