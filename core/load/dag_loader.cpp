#include "core/load/dag_loader.hpp"

#include <algorithm>
#include <climits>
#include <cstddef>
#include <set>
#include <utility>

#include "core/load/airflow_templates.hpp"
#include "core/load/dag_builder.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_parser.hpp"

namespace leeward {

namespace {

/// A mistake without a place comes last.
std::pair<int, int> place(const Error& error) {
  return error.where.line == 0 ? std::pair{INT_MAX, INT_MAX} : std::pair{error.where.line, error.where.column};
}

/// Of a number or text that could not be read, and was told, nothing else is worth saying.
void drop_repeated(Errors& errors, std::size_t unreadable) {
  std::set<std::pair<int, int>> told;
  for (std::size_t e = 0; e < unreadable; ++e) told.insert(place(errors[e]));
  const auto later = errors.begin() + static_cast<std::ptrdiff_t>(unreadable);
  errors.erase(std::remove_if(later, errors.end(), [&](const Error& error) { return told.contains(place(error)); }),
               errors.end());
}

}  // namespace

LoadedDag load_dag(std::string text, const std::string& file, const OperatorCatalog& catalog,
                   const std::string& kept_as) {
  LoadedDag loaded;
  auto source = std::make_shared<const DagSource>(DagSource{text, kept_as.empty() ? file : kept_as});
  const JsonLimits limits{kMaxSpecBytes, kMaxSpecStringBytes, kMaxSpecDepth};
  auto document = JsonDocument::parse_all(std::move(text), file, limits, loaded.errors);
  const std::size_t unreadable = loaded.errors.size();
  if (document) {
    const Json root = document->root();
    DagSpec spec = parse_spec(document, loaded.errors);
    loaded.schedule = spec.schedule;
    spec.header.source = std::move(source);
    loaded.dag = build_dag(std::move(spec), catalog, loaded.errors);
    drop_repeated(loaded.errors, unreadable);
    if (loaded.dag) loaded.notes = notes_on_airflow_templates(root);
  }
  std::stable_sort(loaded.errors.begin(), loaded.errors.end(),
                   [](const Error& a, const Error& b) { return place(a) < place(b); });
  return loaded;
}

}  // namespace leeward
