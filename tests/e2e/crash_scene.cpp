#include "tests/e2e/crash_scene.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include <catch2/catch.hpp>

namespace leeward::test {
namespace {

/// Whatever puts something on the disk, or takes it away. Those with '?' are not there on every machine.
constexpr const char* kSyscalls =
    "trace=write,pwrite64,openat,?open,fdatasync,fsync,ftruncate,?rename,?renameat,?renameat2,?link,linkat,?unlink,"
    "unlinkat,?mkdir,mkdirat,?mknod,mknodat";

/// Writes the DAG, task by task.
class DagText {
 public:
  explicit DagText(std::string witness) : witness_(std::move(witness)) {
    json_.begin_object().member("dag_id", "thirty").key("default_args").begin_object().member("retries", 1);
    json_.member("retry_delay", 0).end_object().key("tasks").begin_array();
  }
  [[nodiscard]] std::string take() {
    json_.end_array().end_object();
    return json_.take();
  }

  /// A command that tells the witness that it has begun.
  void says(const char* id, const std::vector<const char*>& after, const char* then = "true", const char* more = "{}") {
    begin(id, "bash", after, more);
    json_.key("with").begin_object().member("command", std::string{"echo $ME >> \"$W\"; "} + then).key("env");
    json_.begin_object().member("W", witness_).member("ME", "{task_id}/{map_index}").member("TRY", "{try_number}");
    json_.end_object().end_object().end_object();
  }
  void asks(const char* id, const char* after, const char* prompt, const char* more) {
    begin(id, "llm", {after}, more);
    json_.key("with").begin_object().member("prompt", prompt).member("model", "m").end_object().end_object();
  }
  void branches(const char* id, const char* after, const char* with) {
    begin(id, "branch", {after}, "{}");
    json_.key("with").raw(with).end_object();
  }

 private:
  void begin(const char* id, const char* op, const std::vector<const char*>& after, const char* more) {
    json_.begin_object().member("task_id", id).member("operator", op);
    json_.key("depends_on").begin_array();
    for (const char* const upstream : after) json_.string(upstream);
    json_.end_array();
    const auto members = JsonDocument::parse(more).value();
    for (const Json member : members->root()) json_.key(member.key()).raw(member.text());
  }

  const std::string witness_;
  JsonWriter json_;
};

/// Thirty task instances: two of them fail once, twelve and three are mapped, a branch skips one, four ask a model.
std::string thirty(const std::string& witness) {
  DagText dag{witness};
  dag.says("start", {}, "echo 7", R"({"output_key": "begun"})");
  dag.says("flaky", {"start"}, "[ $TRY -gt 1 ]");
  dag.says("each", {"start"}, "[ $ME != each/4 ] || [ $TRY -gt 1 ] || exit 1; echo $ME",
           R"({"output_key": "all", "expand": {"n": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}})");
  dag.branches("fork", "flaky", R"({"cases": [{"if": {"value": 1, "equals": 2}, "then": "right"}], "else": "left"})");
  dag.says("left", {"fork"});
  dag.says("right", {"fork"});
  dag.says("join", {"left", "right"}, "true", R"({"trigger_rule": "none_failed_min_one_success"})");
  dag.asks("ask", "each", "Sum up {all}", R"({"output_key": "told"})");
  dag.asks("letters", "ask", "Letter {letter} of {told}", R"({"expand": {"letter": ["a", "b", "c"]}})");
  dag.says("one", {"letters"});
  dag.says("two", {"one"});
  dag.says("three", {"two"});
  dag.says("four", {"three"});
  dag.says("five", {"four"});
  dag.says("end", {"five", "join"});
  return dag.take();
}

/// A sanitizer finds no leaks in a process that is traced, and ends it for that: it is told not to look for them.
std::vector<std::string> traced(const std::string& log) {
  return {"strace", "-f", "-qq", "-E", "ASAN_OPTIONS=detect_leaks=0", "-o", log, "-e", kSyscalls};
}

/// What one thread does: of each of its system calls, in order, whether it is about the home's files.
using ThreadCalls = std::map<std::string, std::vector<bool>>;

std::vector<ThreadCalls> calls_in(const std::string& log, const std::string& home) {
  std::map<std::string, ThreadCalls> threads;
  std::ifstream in{log};
  for (std::string line; std::getline(in, line);) {
    std::string thread, call;
    std::istringstream{line} >> thread >> call;
    const std::size_t name = call.find('(');
    if (name == std::string::npos) continue;  // the end of a call, or of the thread
    threads[thread][call.substr(0, name)].push_back(line.find(home) != std::string::npos);
  }
  std::vector<ThreadCalls> calls;
  for (auto& [thread, made] : threads) calls.push_back(std::move(made));
  return calls;
}

bool is_of_the_host(const ThreadCalls& thread) {
  return std::any_of(thread.begin(), thread.end(), [](const auto& calls) {
    return std::find(calls.second.begin(), calls.second.end(), true) != calls.second.end();
  });
}

/// Whether a fault there strikes one of the home's files, and nobody but the host.
bool is_moment(const std::vector<ThreadCalls>& threads, const std::string& call, std::size_t number, bool for_ever) {
  bool strikes = false;
  for (const ThreadCalls& thread : threads) {
    const auto found = thread.find(call);
    if (found == thread.end() || found->second.size() < number) continue;
    const std::vector<bool>& made = found->second;
    if (!is_of_the_host(thread)) return false;
    const auto first = made.begin() + static_cast<std::ptrdiff_t>(number) - 1;
    if (for_ever && std::find(first, made.end(), false) != made.end()) return false;
    strikes = strikes || *first;
  }
  return strikes;
}

std::map<std::string, int> count_lines(const std::string& file, const char* member) {
  std::map<std::string, int> lines;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    ++lines[member == nullptr ? line : text(JsonDocument::parse(line).value()->root()[member])];
  }
  return lines;
}

}  // namespace

CrashScene::CrashScene() : dag_(dir_.write("thirty.json", thirty((dir_ / "witness").string())).string()) {}

Ended CrashScene::disturbed(std::vector<std::string> words, const Fault& fault) const {
  std::vector<std::string> command = traced("/dev/null");
  command.insert(command.end(), {"-e", "inject=" + fault.at.call + ":" + fault.what +
                                           ":when=" + std::to_string(fault.at.number) + (fault.for_ever ? "+" : "")});
  for (std::string& word : leeward_words(std::move(words))) command.push_back(std::move(word));
  return start(std::move(command));
}

std::vector<Moment> CrashScene::moments(bool for_ever) const {
  const std::string log = (dir_ / "calls").string();
  std::vector<std::string> command = traced(log);
  command.push_back("-y");
  for (std::string& word : leeward_words({"run", dag_})) command.push_back(std::move(word));
  if (start(std::move(command)).status != 0) return {};
  const std::vector<ThreadCalls> threads = calls_in(log, home());
  std::map<std::string, std::size_t> most;
  for (const ThreadCalls& thread : threads) {
    for (const auto& [call, made] : thread) most[call] = std::max(most[call], made.size());
  }
  std::vector<Moment> moments;
  for (const auto& [call, times] : most) {
    for (std::size_t n = 1; n <= times; ++n) {
      if (is_moment(threads, call, n, for_ever)) moments.push_back({call, static_cast<int>(n)});
    }
  }
  return moments;
}

std::string CrashScene::only_run() const {
  const auto list = leeward({"runs", "list", "--json"}).json();
  REQUIRE(list->root().size() < 2);
  return list->root().size() == 0 ? std::string{} : text(list->root().at(0)["run_id"]);
}

std::map<std::string, int> CrashScene::begun() const { return count_lines((dir_ / "witness").string(), nullptr); }
std::map<std::string, int> CrashScene::asked() const {
  return count_lines((dir_ / "requests").string(), "idempotency_key");
}

std::set<std::string> CrashScene::ended(const std::string& run_id) const {
  static const std::set<std::string> kEnds{"success", "failed", "skipped", "upstream_failed"};
  const auto report = leeward({"runs", "show", run_id, "--json"}).json();
  std::set<std::string> ended;
  for (const Json task : report->root()["tasks"]) {
    if (!kEnds.contains(text(task["state"]))) continue;
    ended.insert(text(task["task_id"]) + "/" + std::to_string(task["map_index"].integer().value()));
  }
  return ended;
}

Ended CrashScene::start(std::vector<std::string> words) const {
  return Program{std::move(words), {{"LEEWARD_HOME", home()}, {"HOME", home()}, {"OPENAI_BASE_URL", url_}}}.wait();
}

}  // namespace leeward::test
