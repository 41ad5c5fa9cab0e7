#include <ostream>
#include <utility>

#include "host/cli/common.hpp"
#include "host/cli/watched_run.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

ClearRequest request_of(const Arguments& arguments, const Dag& dag) {
  ClearRequest request;
  request.task_ids = arguments.all("task");
  if (request.task_ids.empty()) {
    for (const Task& task : dag.tasks()) request.task_ids.push_back(task.id);
  }
  request.downstream = arguments.has("downstream");
  request.only_failed = arguments.has("only-failed");
  return request;
}

void tell(const Invocation& invocation, const Application& app, const std::string& run_id,
          const std::vector<std::string>& cleared) {
  if (invocation.arguments.has("json")) {
    JsonWriter json;
    json.begin_object().member("run_id", run_id).key("cleared").begin_array();
    for (const std::string& task : cleared) json.string(task);
    json.end_array().end_object();
    invocation.out << json.text() << "\n";
    return;
  }
  std::string tasks;
  for (const std::string& task : cleared) tasks += (tasks.empty() ? "" : ", ") + task;
  invocation.out << "cleared: " << printable(tasks) << "\n"
                 << "they run again with: " << resume_command(app.settings(), {run_id}) << "\n";
}

}  // namespace

int command_runs_clear(const Invocation& invocation) {
  Interrupts::block();  // before there is a second thread
  if (invocation.arguments.files.size() != 1)
    return bad_usage(invocation, "runs clear takes one run id (leeward runs clear --help)");
  const std::string& run_id = invocation.arguments.files.front();
  const auto console = console_of(invocation);
  Stopper stopper{*console};
  int status = kSuccess;
  const auto app = open_to_run(invocation, *console, status);
  if (!app) return status;
  Errors errors;
  const auto stored = app->find_stored(run_id, errors);
  if (!stored) {
    print_errors(invocation, errors);
    return status_of(errors.front());
  }
  if (stopper.asked()) return stopped_early(*console);
  const auto cleared =
      app->runs().clear(run_id, stored->dag, request_of(invocation.arguments, *stored->dag), app->clock().wall());
  if (!cleared) {
    print_errors(invocation, {cleared.error()});
    return status_of(cleared.error());
  }
  if (invocation.arguments.has("resume")) return resume_run(invocation, *app, *console, run_id, stopper);
  tell(invocation, *app, run_id, *cleared);
  return kSuccess;
}

}  // namespace leeward
