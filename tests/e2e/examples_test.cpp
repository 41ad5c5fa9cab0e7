// What the example DAGs promise beyond running at all (run_test.cpp sees to that).
#include <string>

#include <catch2/catch.hpp>

#include "tests/e2e/program.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {
std::string state(const Json& report, std::string_view task, int map_index = -1) {
  return text(task_of(report, task, map_index)["state"]);
}
}  // namespace

//  check[i] --+--> summarize[i] --> judge[i] --+--> report
//             '--> turn_down[i] ---------------'
TEST_CASE("batch_review sends each text its own way, and reports on all of them", "[e2e]") {
  const Ended ended =
      run_leeward({"run", LEEWARD_SOURCE_DIR "/dags/batch_review.json", "--mock-llm", "--json", "--param",
                   R"(texts=["a text of some length","short","another text of some length","brief"])"});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto document = ended.json();
  const Json report = document->root();
  for (int i = 0; i < 4; ++i) {
    const bool long_enough = i % 2 == 0;
    INFO(i);
    CHECK(state(report, "review.check", i) == "success");
    CHECK(state(report, "review.summarize", i) == (long_enough ? "success" : "skipped"));
    CHECK(state(report, "review.judge", i) == (long_enough ? "success" : "skipped"));
    CHECK(state(report, "review.turn_down", i) == (long_enough ? "skipped" : "success"));
  }
  const Json result = report["context"]["report"];
  CHECK(result["summaries"].size() == 2);
  CHECK(result["verdicts"].size() == 2);
  CHECK(result["turned_down"].text() == R"(["short","brief"])");
}
