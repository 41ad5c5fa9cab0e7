#include "tests/bad_inputs/catalogue.hpp"

namespace leeward::bad_inputs {
namespace {

void add(std::map<std::string, Remark>& all, Standing standing, const std::string& why,
         std::initializer_list<const char*> ids) {
  for (const char* id : ids) all[id] = {standing, why};
}

void add_otherwise(std::map<std::string, Remark>& all) {
  const auto say = [&](const char* id, const std::string& why) { all[id] = {Standing::otherwise, why}; };
  say("J002", "a spec may have 32 MiB, not 4: ten million brackets fit, and are refused for their depth");
  say("J012", "a string value may hold a NUL, and keeps it");
  say("J028",
      "the limit is on mistakes that are told, not on keys: an operator's `with` may hold as many as fit in 32 MiB");
  say("J031", "eighty texts of ours of the same kinds; the collection is no package of this system");
  say("J032", "values of ours of the same kinds; a name that stands twice is refused");
  say("J033", "texts of ours of the same kinds; there is no page yet that could show them");
  say("S007", "a DAG may have 100,000 tasks, not 10,000; the schedule of more is refused");
  say("S012", "the language has no version number: a key that asks for one is an unknown key");
  say("L007", "no slowest speed: the task's `timeout` ends it, 600 s unless it says less");
  say("L008", "no time for headers alone: the task's `timeout` ends it");
  say("L010", "nothing compressed is asked for, and nothing is unpacked, so there is nothing to limit");
  say("E018", "several processes may share a home folder; it is each run that has one owner");
  say("E005",
      "no lock on the store: what cannot be opened is refused and named; a run's owner is told with its process");
  say("P015", "as the runner's other ends: plugin.crashed, with the exit status");
  say("P026", "the limit stands in the configuration; the operator is told by the system, as anywhere");
  say("P027", "one MiB of what is printed goes to the log, line by line; the rest is read and forgotten");
  say("L019", "no breaker: each task asks as often as it may, and a connection's `max_concurrency` bounds them all");
}

void add_elsewhere(std::map<std::string, Remark>& all) {
  const auto say = [&](const char* id, const std::string& why, const std::string& where) {
    all[id] = {Standing::elsewhere, why, where};
  };
  const std::string kIoErrors = "each write and each sync of a store fails once, and power with them";
  say("E002", kIoErrors, "tests/faults/io_error_test.cpp");
  say("E003", kIoErrors, "tests/faults/io_error_test.cpp");
  say("E012", "what was not synced is dropped, torn and put in another order", "tests/faults/power_cut_test.cpp");
  say("E011", "killed in the middle, once and again, and taken up", "tests/e2e/interrupted_test.cpp");
  say("E016", "each signal, once and twice", "tests/e2e/interrupted_test.cpp");
  say("E009", "what waits, when the wall clock has jumped in the meantime", "tests/core/engine/resuming_test.cpp");
  say("L030", "killed in the middle of paid calls, counted by the server", "tests/e2e/paid_calls_test.cpp");
}

void add_not_yet(std::map<std::string, Remark>& all) {
  add(all, Standing::not_yet, "nothing starts a run by itself yet, so when a schedule comes due is not worked out",
      {"S020", "S022", "S023", "S024", "S025", "S026"});
  add(all, Standing::not_yet, "there is no REST interface and no page yet",
      {"R001", "R002", "R003", "R004", "R005", "R006", "R007", "R008", "R009", "R010", "R011", "R013", "R014",
       "R015", "R016", "R017", "R018", "R019", "R020", "R021", "R023", "R025", "R026", "R028", "R029"});
}

std::map<std::string, Remark> all_remarks() {
  std::map<std::string, Remark> all;
  add_otherwise(all);
  add_elsewhere(all);
  add_not_yet(all);
  return all;
}

}  // namespace

const std::map<std::string, Remark>& remarks() {
  static const std::map<std::string, Remark> kRemarks = all_remarks();
  return kRemarks;
}

}  // namespace leeward::bad_inputs
