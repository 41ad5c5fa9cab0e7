#include "tests/e2e/stored_runs.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <stdexcept>
#include <thread>

#include "core/store/store_schema.hpp"

namespace leeward::test {
namespace {

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

void write_comparable(JsonWriter& out, Json json) {
  static const std::set<std::string, std::less<>> kDiffers = {"run_id", "started_at", "ended_at", "logical_date",
                                                              "duration_ms"};
  if (json.is_object()) {
    out.begin_object();
    for (const Json member : json) {
      if (kDiffers.contains(member.key())) continue;
      out.key(member.key());
      write_comparable(out, member);
    }
    out.end_object();
  } else if (json.is_array()) {
    out.begin_array();
    for (const Json item : json) write_comparable(out, item);
    out.end_array();
  } else {
    out.raw(json.text());
  }
}

}  // namespace

std::string StoredRunsHome::dag(std::string spec) const {
  // A task that outlives its test ends when the folder has gone.
  replace_all(spec, "HOLD", "BEGIN; while [ ! -e \\\"$GATE\\\" ] && [ -d \\\"$DIR\\\" ]; do sleep 0.02; done");
  replace_all(spec, "BEGIN", "echo $TASK >> \\\"$WITNESS\\\"");
  replace_all(spec, ": ENV",
              R"(: {"TASK": "{task_id}", "DIR": ")" + dir_.path().string() + R"(", "GATE": ")" +
                  (dir_ / "gate").string() + R"(", "WITNESS": ")" + (dir_ / "witness").string() + R"("})");
  const auto document = JsonDocument::parse(spec, "dag");
  if (!document) throw std::runtime_error(to_string(document.error()) + spec);
  return dir_.write(text((*document)->root()["dag_id"]) + ".json", spec).string();
}

Program StoredRunsHome::start_by(std::vector<std::string> starter, std::vector<std::string> words) const {
  for (std::string& word : leeward_words(std::move(words))) starter.push_back(std::move(word));
  return Program{std::move(starter), {{"LEEWARD_HOME", path()}, {"HOME", path()}}};
}

void StoredRunsHome::await(const std::string& task, int times) const {
  while (witnessed(task) < times) std::this_thread::yield();
}

std::string StoredRunsHome::run_until(const std::string& dag, const std::string& task, int signal, int times) const {
  stop_when(start({"run", dag}), task, times, signal);
  return newest_run();
}

void StoredRunsHome::resume_until(const std::string& run_id, const std::string& task, int times, int signal) const {
  stop_when(start({"runs", "resume", run_id}), task, times, signal);
}

void StoredRunsHome::stop_when(Program program, const std::string& task, int times, int signal) const {
  await(task, times);
  program.signal(signal);
  static_cast<void>(program.wait());
}

std::vector<std::string> StoredRunsHome::witness() const {
  std::vector<std::string> lines;
  std::ifstream in{dir_ / "witness"};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

int StoredRunsHome::witnessed(const std::string& task) const {
  const auto lines = witness();
  return static_cast<int>(std::count(lines.begin(), lines.end(), task));
}

Json StoredRunsHome::listed(const std::string& run_id) {
  list_ = leeward({"runs", "list", "--json"}).json();
  for (const Json run : list_->root()) {
    if (text(run["run_id"]) == run_id) return run;
  }
  return {};
}

std::string StoredRunsHome::only_run(const std::string& dag_id) const {
  std::vector<std::string> words{"runs", "list", "--json"};
  if (!dag_id.empty()) words.insert(words.end(), {"--dag", dag_id});
  const Ended ended = leeward(words);
  const auto list = ended.json();
  if (list->root().size() != 1) throw std::runtime_error("one run was expected: " + ended.out);
  return text(list->root().at(0)["run_id"]);
}

std::string StoredRunsHome::newest_run() const {
  const Ended ended = leeward({"runs", "list", "--json", "--limit", "1"});
  const auto list = ended.json();
  if (list->root().size() != 1) throw std::runtime_error("a run was expected: " + ended.out + ended.err);
  return text(list->root().at(0)["run_id"]);
}

std::string comparable(Json report) {
  JsonWriter out;
  write_comparable(out, report);
  return out.take();
}

std::string undisturbed_part(Json report) {
  std::string text = comparable(report);
  constexpr std::string_view kCount = R"("possible_duplicates":)";
  for (std::size_t at = text.find(kCount); at != std::string::npos; at = text.find(kCount, at + 1)) {
    const std::size_t digits = at + kCount.size();
    text.erase(digits, text.find_first_not_of("0123456789", digits) - digits);
  }
  return text;
}

PaidCalls paid_calls(const std::string& home) {
  auto db = open_store_to_read({home + "/leeward.db"});
  if (!db) throw std::runtime_error(to_string(db.error()));
  auto rows = db->statement(
      "SELECT run_id || '/' || task_id || '/' || map_index || '/' || try_number || '/' || number, "
      "http_status IS NOT NULL FROM calls JOIN runs ON runs.id = calls.run");
  if (!rows) throw std::runtime_error(to_string(rows.error()));
  PaidCalls calls;
  while (rows->step().value()) {
    if (rows->integer(1) != 0) {
      calls.answered.emplace(rows->text(0));
    } else {
      ++calls.on_their_way;
    }
  }
  return calls;
}

int asked_twice(const std::map<std::string, int>& asked) {
  int twice = 0;
  for (const auto& [call, times] : asked) twice += times - 1;
  return twice;
}

std::string miscount(int counted, int twice, int on_their_way) {
  const std::string says = "it counts " + std::to_string(counted) + " possible duplicates, and ";
  if (twice > counted) return says + std::to_string(twice) + " calls were asked twice";
  if (counted > on_their_way) return says + std::to_string(on_their_way) + " calls were on their way";
  return {};
}

}  // namespace leeward::test
