#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

/// A folder with the plugin that does what it should not, and a DAG of it with a canary beside.
struct Mischief {
  Mischief() {
    ::chmod(folder.path().c_str(), 0755);
    fs::copy_file(LEEWARD_BINARY_DIR "/tests/samples/mischief.so", folder / "mischief.so");
    ::chmod((folder / "mischief.so").c_str(), 0755);
  }

  /// The bad task runs while the canary does, and the host goes on after it: `after` is a task that comes last.
  Ended run(const std::string& deed, const std::string& more = "", const std::string& config = "{}") {
    return run_task(R"("operator": "mischief", "with": {"do": ")" + deed + R"("})" + more, config);
  }
  Ended run_task(const std::string& bad, const std::string& config) {
    const std::string dag = dags.write("d.json", R"({"dag_id": "d", "tasks": [
      {"task_id": "canary", "operator": "echo", "with": {"value": {"well": [1, "ä"]}}, "output_key": "said"},
      {"task_id": "bad", )" + bad + R"(},
      {"task_id": "after", "operator": "echo", "depends_on": ["canary", "bad"], "trigger_rule": "all_done",
       "with": {"value": "{said.well}"}}]})")
                                .string();
    const auto file = dags.write("config.json", config);
    ::chmod(file.c_str(), 0600);
    return run_leeward({"run", dag, "--json", "--plugins", folder.path().string(), "--config", file.string()});
  }

  TempDir folder;
  TempDir dags;
};

/// A Unix socket that takes whoever comes.
class LocalListener {
 public:
  explicit LocalListener(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd_, 8) != 0)
      throw std::runtime_error("cannot listen at " + path);
  }
  ~LocalListener() { ::close(fd_); }
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;

 private:
  const int fd_;
};

}  // namespace

TEST_CASE("A plugin that crashes fails its own task, and the host goes on", "[e2e]") {
  const std::string deed =
      GENERATE(as<std::string>{}, "segv", "abort", "exit", "throw_noexcept", "overflow", "close", "forge", "words");
  INFO(deed);
  Mischief mischief;
  const Ended ended = mischief.run(deed, R"(, "retries": 1, "retry_delay": 0)");
  INFO(ended.err);
  CHECK(ended.status == 0);  // the canary's branch decides
  const auto report = ended.json();
  const Json bad = task_of(report->root(), "bad");
  CHECK(bad["state"].string() == "failed");
  CHECK(bad["attempts"].integer() == 2);
  CHECK(bad["error"]["code"].string() == "plugin.crashed");
  CHECK(task_of(report->root(), "canary")["output"].text() == R"({"well": [1, "ä"]})");
  CHECK(task_of(report->root(), "after")["output"].text() == R"([1, "ä"])");
}

TEST_CASE("A plugin that throws or prints or ignores signals does no harm to the rest", "[e2e]") {
  const auto [deed, state] = GENERATE(table<std::string, std::string>({{"throw", "failed"},
                                                                       {"flood", "success"},
                                                                       {"signals", "success"},
                                                                       {"changes", "success"},
                                                                       {"files", "success"},
                                                                       {"too_large", "failed"},
                                                                       {"no_json", "failed"},
                                                                       {"no_utf8", "failed"}}));
  INFO(deed);
  Mischief mischief;
  const Ended ended = mischief.run(deed);
  INFO(ended.err.substr(0, 2000));
  CHECK(ended.status == 0);
  CHECK(task_of(ended.json()->root(), "bad")["state"].string() == state);
  CHECK(task_of(ended.json()->root(), "after")["state"].string() == "success");
  CHECK(ended.err.size() < std::size_t{4} << 20);
}

TEST_CASE("A plugin that loops for ever is stopped at its timeout, with its process", "[e2e]") {
  Mischief mischief;
  const Ended ended = mischief.run("spin", R"(, "execution_timeout": 0.2)");
  INFO(ended.err);
  CHECK(ended.status == 0);
  CHECK(task_of(ended.json()->root(), "bad")["error"]["code"].string() == "task.timed_out");
  CHECK_FALSE(has(ended.err, "leaving"));
}

TEST_CASE("The configuration chooses which plugins run in processes of their own", "[e2e]") {
  Mischief mischief;
  const auto isolation_of = [&](const std::string& config, const std::string& plugin) {
    const auto file = mischief.dags.write("config.json", config);
    ::chmod(file.c_str(), 0600);
    const Ended ended = run_leeward(
        {"plugins", "list", "--json", "--plugins", mischief.folder.path().string(), "--config", file.string()});
    const auto document = ended.json();
    for (const Json one : document->root()["plugins"]) {
      if (one["name"].string() == plugin) return std::string{one["isolation"].string()};
    }
    return ended.err;
  };
  CHECK(isolation_of("{}", "mischief") == "runner");
  CHECK(isolation_of("{}", "llm") == "runner");
  CHECK(isolation_of("{}", "http_sensor") == "runner");
  CHECK(isolation_of("{}", "echo") == "in_process");
  CHECK(isolation_of(R"({"isolation": {"default": "runner"}})", "echo") == "runner");
  CHECK(isolation_of(R"({"isolation": {"plugins": {"mischief": "in_process"}}})", "mischief") == "in_process");
  CHECK(isolation_of(R"({"isolation": {"default": "in_process", "plugins": {"echo": "runner"}}})", "echo") == "runner");

  const auto file = mischief.dags.write("config.json", R"({"isolation": {"plugins": {"ecko": "inprocess"}}})");
  ::chmod(file.c_str(), 0600);
  const Ended refused = run_leeward({"plugins", "list", "--config", file.string()});
  CHECK(refused.status == 2);
  CHECK(has(refused.err, "/isolation/plugins/ecko"));
}

TEST_CASE("A plugin in a process of its own runs no commands by way of bash, unless it was granted", "[e2e]") {
  Mischief mischief;
  const auto calls = [&](const std::string& config) {
    return mischief.run_task(R"("operator": "caller", "with": {"name": "bash", "params": {"command": "echo out"}})",
                             config);
  };
  const Ended denied = calls("{}");
  INFO(denied.err);
  const auto report = denied.json();
  const Json error = task_of(report->root(), "bad")["error"];
  CHECK(error["code"].string() == "call.denied");
  CHECK(has(error["message"].string(), R"("isolation": {"calls": {"mischief": ["bash"]}})"));
  CHECK(task_of(report->root(), "after")["state"].string() == "success");

  const Ended granted = calls(R"({"isolation": {"calls": {"mischief": ["bash"]}}})");
  INFO(granted.err);
  CHECK(task_of(granted.json()->root(), "bad")["output"].text() == R"("out")");

  const Ended misspelt = calls(R"({"isolation": {"calls": {"mischif": ["bahs"]}}})");
  CHECK(has(misspelt.err, R"(isolation of "mischif", which is no plugin; did you mean "mischief"?)"));
  CHECK(has(misspelt.err, R"(calls of "bahs", which no plugin brings; did you mean "bash"?)"));
}

TEST_CASE("A plugin in a process of its own starts runs of the DAGs that it was granted", "[e2e]") {
  Mischief mischief;
  mischief.dags.write("other.json", R"({"dag_id": "other", "tasks": [{"task_id": "t", "operator": "empty"}]})");
  const std::string task = R"("operator": "starter", "with": {"dag": "other.json", "wait": true})";
  const Ended denied = mischief.run_task(task, "{}");
  INFO(denied.err);
  CHECK(task_of(denied.json()->root(), "bad")["error"]["code"].string() == "run.denied");
  const Ended granted = mischief.run_task(task, R"({"isolation": {"triggers": {"mischief": ["other.json"]}}})");
  INFO(granted.err);
  CHECK(task_of(granted.json()->root(), "bad")["output"]["state"].string() == "success");
}

TEST_CASE("Plugins that ship do in processes of their own what their tasks say, as in the host", "[e2e]") {
  TempDir dags;
  dags.write("other.json", R"({"dag_id": "other", "tasks": [{"task_id": "t", "operator": "empty"}]})");
  const std::string dag = dags.write("d.json", R"({"dag_id": "d", "tasks": [
    {"task_id": "upper", "operator": "callable", "with": {"callable": "text.upper", "args": {"text": "a"}}},
    {"task_id": "start", "operator": "dag_run", "with": {"dag": "other.json", "wait_for_completion": true}},
    {"task_id": "words", "operator": "text_processing",
     "with": {"operation": "summarize", "text": "a text"}}]})")
                              .string();
  const auto config = dags.write("config.json", R"({"isolation": {"default": "runner"}})");
  ::chmod(config.c_str(), 0600);
  const Ended ended = run_leeward({"run", dag, "--json", "--mock-llm", "--config", config.string()});
  INFO(ended.err);
  INFO(ended.out);
  CHECK(ended.status == 0);
}

TEST_CASE("What a plugin is denied by its sandbox it may be granted", "[e2e]") {
  constexpr long kCreateRuleset = 444;
  if (::syscall(kCreateRuleset, nullptr, 0, 1) < 1) {
    WARN("SKIP: this kernel has no landlock");
    return;
  }
  Mischief mischief;
  TempDir outside;
  ::chmod(outside.path().c_str(), 0755);
  const std::string folder = outside.path().string();
  outside.write("data/a", "a");
  outside.write("data/keys/b", "b");
  const LocalListener listener{folder + "/data/socket"};
  /// What the plugin was told by the kernel.
  const auto fault = [&](const std::string& deed, const std::string& limits) {
    const Ended ended = mischief.run_task(R"("operator": "mischief", "with": {"do": )" + deed + "}",
                                          R"({"isolation": {"limits": )" + limits + "}}");
    INFO(ended.err);
    CHECK(ended.status == 0);
    return task_of(ended.json()->root(), "bad")["output"].integer().value_or(-1);
  };
  const std::string list = R"(: [")" + folder + R"(/data"])";
  const std::string read = R"("open", "path": ")" + folder + R"(/data/a")";
  const std::string write = read + R"(, "with": "writing")";
  const std::string keys = R"("open", "path": ")" + folder + R"(/data/keys/b")";
  const std::string speak = R"("speak", "path": ")" + folder + R"(/data/socket")";

  CHECK(fault(read, "{}") == EACCES);
  CHECK(fault(read, R"({"read")" + list + "}") == 0);
  CHECK(fault(write, R"({"read")" + list + "}") == EACCES);
  CHECK(fault(write, R"({"write")" + list + "}") == 0);

  CHECK(fault(keys, R"({"read")" + list + "}") == 0);
  CHECK(fault(keys, R"({"read")" + list + R"(, "hidden": [")" + folder + R"(/data/keys"]})") == EACCES);

  CHECK(fault(speak, R"({"write")" + list + "}") == EPERM);
  CHECK(fault(speak, R"({"local_sockets": true, "write")" + list + "}") == 0);

  CHECK(mischief.run("pid", "", R"({"isolation": {"limits": {"memory": "much"}}})").status == 2);
}
