#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "tests/bench/sax_baseline.hpp"

// What a JsonDocument costs on top of the SAX pass it stands on: both parse the same spec in turn, and the figure is
// the median of the paired ratios.

namespace {

using Clock = std::chrono::steady_clock;

std::string spec_of(int tasks) {
  std::string text = R"({"dag_id": "bench", "schedule": null, "tasks": [)";
  for (int i = 0; i < tasks; ++i) {
    const std::string id = "task_" + std::to_string(i);
    const std::string above = i == 0 ? "" : "\"task_" + std::to_string(i - 1) + "\"";
    if (i > 0) text += ",\n  ";
    text +=
        R"({"task_id": ")" + id + R"(", "operator": "llm", "depends_on": [)" + above +
        R"(], "retries": 2, "retry_delay": "5m", "with": {"prompt": "Summarise:\n{article.content}", "temperature": 0.7, )" +
        R"("max_tokens": 1000, "model": "gpt-4"}, "output_key": "out_)" + std::to_string(i) + "\"}";
  }
  return text + "]}";
}

template <class Work>
double milliseconds(Work work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main() {
  constexpr int kRounds = 9;
  const std::string text = spec_of(80'000);
  const leeward::JsonLimits limits{.max_bytes = text.size()};
  std::vector<double> sax, ours, ratios;
  bool good = true;
  for (int round = 0; round < kRounds; ++round) {
    sax.push_back(milliseconds([&] {
      leeward::bench::SaxBaseline nothing;
      good = nlohmann::json::sax_parse(text, &nothing) && good;
    }));
    std::string copy = text;
    ours.push_back(
        milliseconds([&] { good = leeward::JsonDocument::parse(std::move(copy), "bench", limits).ok() && good; }));
    ratios.push_back(ours.back() / sax.back());
  }
  std::printf("json: %.1f MB spec, SAX alone %.0f ms, JsonDocument %.0f ms, ratio %.2f%s\n",
              static_cast<double>(text.size()) / 1e6, median(sax), median(ours), median(ratios),
              good ? "" : " (REFUSED: the figures mean nothing)");
  return good ? 0 : 1;
}
