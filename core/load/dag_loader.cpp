#include "core/load/dag_loader.hpp"

#include <algorithm>
#include <climits>
#include <utility>

#include "core/load/dag_builder.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_parser.hpp"

namespace leeward {

namespace {

/// A mistake without a place comes last.
std::pair<int, int> place(const Error& error) {
  return error.where.line == 0 ? std::pair{INT_MAX, INT_MAX} : std::pair{error.where.line, error.where.column};
}

}  // namespace

LoadedDag load_dag(std::string text, const std::string& file, const OperatorCatalog& catalog) {
  LoadedDag loaded;
  const JsonLimits limits{kMaxSpecBytes, kMaxSpecStringBytes, kMaxSpecDepth};
  auto document = JsonDocument::parse_all(std::move(text), file, limits, loaded.errors);
  if (document) {
    DagSpec spec = parse_spec(std::move(document), loaded.errors);
    loaded.dag = build_dag(std::move(spec), catalog, loaded.errors);
  }
  std::stable_sort(loaded.errors.begin(), loaded.errors.end(),
                   [](const Error& a, const Error& b) { return place(a) < place(b); });
  return loaded;
}

}  // namespace leeward
