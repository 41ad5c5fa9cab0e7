#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/run_context.hpp"
#include "core/model/run_record.hpp"
#include "core/model/template.hpp"

namespace leeward {

/// The facts of a run that every template may name, as one parsed document: made once a run. Immutable.
[[nodiscard]] std::shared_ptr<const JsonDocument> run_facts(const RunInfo& run);

/// What names mean to the templates of one task instance: first its expand items, then what its ancestors published,
/// then the built-in names (core/model/builtin_names.hpp). Lives for one rendering.
class TaskScope final : public Scope {
 public:
  /// What one attempt knows of itself.
  struct Attempt {
    const Task* task = nullptr;  ///< null: a group's lists are rendered
    int map_index = -1;
    int try_number = 1;
    const JsonDocument* also = nullptr;  ///< more names, as an object: what a callback is told
  };
  using Items = std::vector<std::pair<std::string_view, Json>>;  ///< expand key -> this instance's item

  /// All must outlive the scope. `reads` are the names it may see of what others published.
  TaskScope(const RunContext& context, const JsonDocument& facts, std::span<const ContextRead> reads, Attempt attempt,
            Items items)
      : context_(context), facts_(facts), reads_(reads), attempt_(attempt), items_(std::move(items)) {}

  [[nodiscard]] Json find(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> names() const override;

 private:
  [[nodiscard]] Json own_fact(std::string_view name) const;
  [[nodiscard]] RunContext::Reader reader() const noexcept;

  const RunContext& context_;
  const JsonDocument& facts_;
  const std::span<const ContextRead> reads_;
  const Attempt attempt_;
  const Items items_;
  mutable std::shared_ptr<const JsonDocument> own_facts_;  ///< null until a template asked for one
};

}  // namespace leeward
