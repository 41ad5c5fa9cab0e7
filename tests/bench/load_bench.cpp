// How long a spec of many tasks takes from text to Dag, beside nlohmann_json's SAX parser that does nothing with the
// same text: the least that anybody has to do.
//
//   load_bench [tasks]        default 100,000

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/load/dag_loader.hpp"
#include "tests/bench/sax_baseline.hpp"

namespace {

/// Knows one operator that takes anything.
class OneOperator final : public leeward::OperatorCatalog {
 public:
  OneOperator() { info_.name = "echo"; }
  [[nodiscard]] const leeward::OperatorInfo* find_operator(std::string_view name) const override {
    return name == info_.name ? &info_ : nullptr;
  }
  [[nodiscard]] const leeward::OperatorInfo* find_callable(std::string_view) const override { return nullptr; }
  [[nodiscard]] std::vector<std::string> operator_names() const override { return {info_.name}; }
  [[nodiscard]] std::vector<std::string> callable_names() const override { return {}; }

 private:
  leeward::OperatorInfo info_;
};

/// A chain in which every task publishes a value and reads its predecessor's.
std::string chain(int tasks) {
  std::string text = "{\"dag_id\": \"chain\", \"tasks\": [\n";
  for (int i = 0; i < tasks; ++i) {
    const std::string number = std::to_string(i);
    text += R"({"task_id": "task_)" + number + R"(", "operator": "echo", "output_key": "out_)" + number + "\", ";
    if (i > 0) {
      const std::string before = std::to_string(i - 1);
      text += R"("depends_on": ["task_)" + before + R"("], "with": {"value": "after {out_)" + before + "}\"}";
    } else {
      text += R"("with": {"value": "first"})";
    }
    text += i + 1 < tasks ? "},\n" : "}\n";
  }
  return text + "]}";
}

/// Processor time, so that a busy machine does not charge its other work to the longer measurement.
double best_ms_of(int rounds, const std::function<void()>& work) {
  double best = 1e300;
  for (int i = 0; i < rounds; ++i) {
    const std::clock_t start = std::clock();
    work();
    best = std::min(best, static_cast<double>(std::clock() - start) * 1000 / CLOCKS_PER_SEC);
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const int tasks = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const std::string text = chain(tasks);
  const OneOperator catalog;
  std::size_t loaded = 0;
  const double sax_ms = best_ms_of(5, [&] {
    leeward::bench::SaxBaseline nothing;
    nlohmann::json::sax_parse(text, &nothing);
  });
  const double parse_ms = best_ms_of(5, [&] {
    (void)leeward::JsonDocument::parse(text, "", {64u << 20, 1u << 20, 64});
  });
  const double load_ms = best_ms_of(5, [&] {
    const auto result = leeward::load_dag(text, "bench.json", catalog);
    loaded = result.dag ? result.dag->size() : 0;
  });
  std::printf("load %zu tasks, %.1f MB: SAX %.0f ms, our parse %.0f ms (%.2fx), text to Dag %.0f ms (%.2fx)\n", loaded,
              static_cast<double>(text.size()) / 1e6, sax_ms, parse_ms, parse_ms / sax_ms, load_ms, load_ms / sax_ms);
  return loaded == static_cast<std::size_t>(tasks) ? 0 : 1;
}
