#include "tests/bad_inputs/trial.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/bad_inputs/catalogue.hpp"
#include "tests/support/sanitized.hpp"

namespace leeward::bad_inputs {

using test::Ended;
using test::kSanitized;

namespace {

/// Fails by itself unless its result is right.
constexpr const char* kCanary = R"({"dag_id": "canary", "params": {"words": ["a", "bee", "sea"]}, "tasks": [
  {"task_id": "each", "operator": "echo", "expand": {"word": "{params.words}"}, "output_key": "heard",
   "with": {"value": "{word}-{word|length}"}},
  {"task_id": "check", "operator": "bash", "depends_on": ["each"],
   "with": {"command": "[ \"$1\" = a-1,bee-3,sea-3 ]", "args": ["{heard|join(',')}"]}}]})";

constexpr std::string_view kBesides = R"({"task_id": "the_canary", "operator": "dag_run",
  "with": {"dag": "canary.json", "wait_for_completion": true}})";

/// What only a program says that fell over.
const std::vector<std::string> kCrashWords{"terminate called", "Segmentation fault", "AddressSanitizer", "Assertion",
                                           "LW_ASSERT",        "stack smashing",     "backtrace",        " #0 "};

/// Processes whose parent this one is, or became when theirs ended.
std::set<pid_t> children() {
  std::ifstream list("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  return {std::istream_iterator<pid_t>(list), {}};
}

/// The names of those that were not there before and do not go: a process that was told to die may take a moment.
std::string left_behind(const std::set<pid_t>& before) {
  std::string names;
  for (int look = 0; look < 2'000; ++look) {
    names.clear();
    for (const pid_t child : children()) {
      if (before.contains(child) || ::waitpid(child, nullptr, WNOHANG) > 0) continue;
      std::ifstream name("/proc/" + std::to_string(child) + "/comm");
      names += std::string(std::istreambuf_iterator<char>(name), {});
    }
    if (names.empty()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return names;
}

void check_silence(const Ended& ended) {
  for (const std::string& word : kCrashWords) {
    INFO(word);
    CHECK_FALSE(test::has(ended.out, word));
    CHECK_FALSE(test::has(ended.err, word));
  }
}

std::string of_running_case(const char* member) {
  const auto document = catalogue();
  const std::string id = id_in(Catch::getResultCapture().getCurrentTestName());
  if (!document || id.empty()) return {};
  for (const Json entry : document->root()["cases"]) {
    if (entry["id"].string() == id) return std::string(entry[member].string());
  }
  return {};
}

}  // namespace

Json Outcome::task(std::string_view task_id) const { return report ? test::task_of(report->root(), task_id) : Json{}; }
std::string Outcome::state(std::string_view task_id) const {
  const Json found = task(task_id)["state"];
  return found.is_string() ? std::string(found.string()) : "";
}
std::string Outcome::code(std::string_view task_id) const {
  const Json found = task(task_id)["error"]["code"];
  return found.is_string() ? std::string(found.string()) : "";
}

Trial::Trial() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // whoever is left behind becomes a child of this process
  canary_ = dir_.write("canary.json", kCanary).string();
  environment["LEEWARD_HOME"] = home();
}

Ended Trial::leeward(std::vector<std::string> words) const {
  const std::set<pid_t> before = children();
  Ended ended = test::run_leeward(std::move(words), environment);
  UNSCOPED_INFO("out: " << ended.out.substr(0, 4'000) << "\nerr: " << ended.err.substr(0, 4'000));
  CHECK(ended.status <= 4);  // a status of its own, and no signal
  if (!quotes_last_words) check_silence(ended);
  CHECK(left_behind(before) == "");
  return ended;
}

void Trial::refuses(std::string_view text, const std::string& code, const std::vector<std::string>& words) const {
  refuses_file(dir_.write("bad.json", text).string(), code, words);
}

void Trial::refuses_file(const std::string& file, const std::string& code,
                         const std::vector<std::string>& words) const {
  check_code(code);
  const Ended ended = leeward({"validate", "--json", file, canary_});
  CHECK(ended.status == 2);
  const auto mistakes = ended.json();
  bool found = false;
  for (const Json mistake : mistakes->root()) {
    const bool of_no_place = mistake["code"].string() == "spec.limit" && mistake["line"].integer() == 0;
    CHECK((of_no_place || mistake["file"].string() == file));  // nothing is wrong with the canary
    CHECK_FALSE(mistake["message"].string().empty());
    const std::string message = std::string(mistake.text());
    const auto said = [&](const std::string& word) { return test::has(message, word); };
    found = found || (mistake["code"].string() == code && std::all_of(words.begin(), words.end(), said));
  }
  INFO("the code " << code << " with these words in its message or its place");
  CHECK(found);
  const Ended run = leeward({"run", file, "--json"});
  CHECK(run.status == 2);
  CHECK(run.out == "");
  CHECK(test::has(run.err, file));
}

void Trial::accepts(std::string_view text) const {
  const Ended ended = leeward({"validate", "--json", dir_.write("good.json", text).string(), canary_});
  CHECK(ended.status == 0);
  CHECK(ended.out == "[]\n");
}

Outcome Trial::run(std::string_view tasks, std::vector<std::string> options) const {
  const std::string all = std::string(tasks) + (tasks.empty() ? "" : ", ") + std::string(kBesides);
  std::vector<std::string> words{"run", dir_.write("bad.json", dag_of_tasks(all)).string(), "--json"};
  words.insert(words.end(), options.begin(), options.end());
  Outcome outcome{leeward(words), nullptr};
  if (auto report = JsonDocument::parse(outcome.ended.out, "stdout", {64u << 20})) outcome.report = *report;
  CHECK(outcome.report != nullptr);
  CHECK(outcome.state("the_canary") == "success");
  return outcome;
}

long Trial::usual_rss_kb() const { return leeward({"validate", canary_}).max_rss_kb; }

bool skips_under_sanitizers() {
  if (kSanitized) WARN("SKIP: a sanitizer takes memory and signals into its own hands");
  return kSanitized;
}

void check_memory(const Ended& ended, long most_kb) {
  if (!kSanitized) CHECK(ended.max_rss_kb < most_kb);
}

std::string dag_of_tasks(std::string_view tasks) {
  return R"({"dag_id": "bad", "tasks": [)" + std::string(tasks) + "]}";
}

std::string task_with(std::string_view members) {
  return dag_of_tasks(R"({"task_id": "t", "operator": "empty", )" + std::string(members) + "}");
}

void check_code(const std::string& code) {
  const std::string proposed = of_running_case("error_code");
  if (!proposed.starts_with("E_")) return;
  INFO("the catalogue says " << proposed << "; codes.cpp tells which of ours say the same");
  const auto ours = our_codes().find(proposed);
  REQUIRE(ours != our_codes().end());
  CHECK(std::find(ours->second.begin(), ours->second.end(), code) != ours->second.end());
}

}  // namespace leeward::bad_inputs
