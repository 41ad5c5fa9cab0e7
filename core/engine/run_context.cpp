#include "core/engine/run_context.hpp"

#include <utility>

#include "core/model/run_projection.hpp"

namespace leeward {

void RunContext::publish(TaskIndex producer, Value value) {
  Entry& entry = entries_[producer];
  entry.whole.value = std::move(value);
}

void RunContext::publish(TaskIndex producer, std::int32_t map_index, std::uint32_t instances, Value value) {
  Entry& entry = entries_[producer];
  entry.instances.resize(instances);
  entry.instances[static_cast<std::size_t>(map_index)].value = std::move(value);
}

const RunContext::Published* RunContext::published(TaskIndex producer, const Reader& reader) const {
  const auto found = entries_.find(producer);
  if (found == entries_.end()) return nullptr;
  const Entry& entry = found->second;
  const bool neighbour =
      reader.map_index >= 0 && reader.mapped_group.valid() && dag_.task(producer).mapped_group == reader.mapped_group;
  if (!neighbour) return entry.whole.value ? &entry.whole : nullptr;
  const auto index = static_cast<std::size_t>(reader.map_index);
  if (index >= entry.instances.size() || !entry.instances[index].value) return nullptr;
  return &entry.instances[index];
}

Json RunContext::open(const Published& published) {
  if (!published.document) published.document = JsonDocument::of(*published.value);
  return published.document->root();
}

Json RunContext::member(const Published& published, const std::string& name) {
  const Json whole = open(published);
  if (!whole.is_array()) return whole[name];
  auto& list = published.members[name];
  if (!list) list = JsonDocument::of(member_of(whole, name));
  return list->root();
}

std::optional<Value> RunContext::find(const ContextRead& read, const Reader& reader) const {
  for (const TaskIndex producer : read.producers) {
    const Published* found = published(producer, reader);
    if (!found) continue;
    if (dag_.task(producer).output_key == read.name) return found->value;
    const Json part = member(*found, read.name);
    return part.exists() ? std::optional(part.value()) : std::nullopt;
  }
  return std::nullopt;
}

Json RunContext::look(const ContextRead& read, const Reader& reader) const {
  for (const TaskIndex producer : read.producers) {
    const Published* found = published(producer, reader);
    if (!found) continue;
    return dag_.task(producer).output_key == read.name ? open(*found) : member(*found, read.name);
  }
  return {};
}

}  // namespace leeward
