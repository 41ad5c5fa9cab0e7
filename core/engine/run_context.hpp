#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/json.hpp"
#include "core/model/dag.hpp"

namespace leeward {

/// What the tasks of a run have published so far. Within a mapped group an instance sees what its own index published,
/// whoever else reads sees the list. A value is parsed when a template first looks into it, and then once, however many
/// instances read it. Called only from RunEngine's loop. `dag` must outlive it.
class RunContext {
 public:
  /// Who asks.
  struct Reader {
    GroupIndex mapped_group;
    std::int32_t map_index = -1;
  };

  explicit RunContext(const Dag& dag) : dag_(dag) {}

  /// The task's whole result: of a mapped task, the list.
  void publish(TaskIndex producer, Value value);
  /// One instance's, for its neighbours in a mapped group.
  void publish(TaskIndex producer, std::int32_t map_index, std::uint32_t instances, Value value);

  /// Of those who may have published the name, what the first who has did; nothing if none has.
  [[nodiscard]] std::optional<Value> find(const ContextRead& read, const Reader& reader) const;
  /// The same, to look into. Absent if none has.
  [[nodiscard]] Json look(const ContextRead& read, const Reader& reader) const;

 private:
  struct Published {
    std::optional<Value> value;
    mutable std::shared_ptr<const JsonDocument> document;  ///< null until somebody looked
    mutable std::unordered_map<std::string, std::shared_ptr<const JsonDocument>> members;  ///< of lists, by name
  };
  struct Entry {
    Published whole;
    std::vector<Published> instances;
  };
  [[nodiscard]] const Published* published(TaskIndex producer, const Reader& reader) const;
  static Json open(const Published& published);
  /// What was published under the name of a member; absent if the result has none.
  static Json member(const Published& published, const std::string& name);

  const Dag& dag_;
  std::unordered_map<TaskIndex, Entry> entries_;
};

}  // namespace leeward
