#include "core/engine/mapped_items.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace leeward {
namespace {

using List = std::shared_ptr<const JsonDocument>;  // an array

Error wrong_type(std::string_view where, std::string_view expected, const Json& got) {
  return {"expand.type", std::string{where} + ": " + std::string{expected} + " is needed to map over, and this is " +
                             std::string(to_string(got.kind()))};
}

Error too_many(std::size_t instances, std::uint32_t limit) {
  return {"expand.too_large", "expand: " + std::to_string(instances) + " instances are more than the limit of " +
                                  std::to_string(limit) + " (max_map_length)"};
}

/// An object is mapped over its members. Airflow's pairs of key and value, with names.
List members_of(const Json& object) {
  JsonWriter out;
  out.begin_array();
  for (const Json& member : object) {
    out.begin_object().member("key", member.key()).key("value").raw(member.text()).end_object();
  }
  out.end_array();
  return JsonDocument::of(Value{out.take()});
}

List zipped(const std::vector<List>& parts, const std::optional<Value>& fill) {
  std::size_t shortest = SIZE_MAX;
  std::size_t longest = 0;
  for (const List& part : parts) {
    shortest = std::min(shortest, part->root().size());
    longest = std::max(longest, part->root().size());
  }
  JsonWriter out;
  out.begin_array();
  for (std::size_t i = 0; i < (fill ? longest : std::min(shortest, longest)); ++i) {
    out.begin_array();
    for (const List& part : parts) {
      const Json item = part->root().at(i);
      out.raw(item.exists() ? item.text() : fill->json());
    }
    out.end_array();
  }
  out.end_array();
  return JsonDocument::of(Value{out.take()});
}

List concatenated(const std::vector<List>& parts) {
  JsonWriter out;
  out.begin_array();
  for (const List& part : parts) {
    for (const Json& item : part->root()) out.raw(item.text());
  }
  out.end_array();
  return JsonDocument::of(Value{out.take()});
}

/// Sources nest no deeper than the spec's JSON may.
Result<List> list_of(const ItemSource& source, std::string_view where, const Scope& scope) {
  if (source.kind == ItemSource::Kind::value) {
    Result<Value> rendered = source.value.render(scope);
    if (!rendered) return std::move(rendered).error();
    List list = JsonDocument::of(*rendered);
    if (list->root().is_array()) return list;
    if (list->root().is_object()) return members_of(list->root());
    return wrong_type(where, "a list or an object", list->root());
  }
  std::vector<List> parts;
  for (const ItemSource& part : source.parts) {
    Result<List> list = list_of(part, where, scope);
    if (!list) return list;
    parts.push_back(std::move(list).value());
  }
  return source.kind == ItemSource::Kind::zip ? zipped(parts, source.fill) : concatenated(parts);
}

}  // namespace

Result<std::shared_ptr<const MappedItems>> MappedItems::render(const Mapping& mapping, const Scope& scope) {
  std::shared_ptr<MappedItems> made(new MappedItems(mapping));
  std::size_t instances = 1;
  const auto add = [&](const ItemSource& source, const std::string& where) -> std::optional<Error> {
    Result<List> list = list_of(source, where, scope);
    if (!list) return std::move(list).error();
    instances *= (*list)->root().size();  // at most 10^6 times what fits into memory: no overflow
    if (instances > mapping.max_length) return too_many(instances, mapping.max_length);
    made->lists_.push_back(std::move(list).value());
    return std::nullopt;
  };
  for (const Mapping::Key& key : mapping.keys) {
    if (auto error = add(key.items, "expand \"" + key.name + "\"")) return *std::move(error);
  }
  if (mapping.kwargs) {
    if (auto error = add(*mapping.kwargs, "expand_kwargs")) return *std::move(error);
    for (const Json& item : made->lists_.back()->root()) {
      if (!item.is_object()) return wrong_type("expand_kwargs", "a list of objects", item);
    }
  }
  made->size_ = static_cast<std::uint32_t>(instances);
  return std::shared_ptr<const MappedItems>{std::move(made)};
}

MappedItems::Named MappedItems::items_of(std::int32_t map_index) const {
  if (mapping_.kwargs) {
    Named named;
    for (const Json& member : kwargs_of(map_index)) named.emplace_back(member.key(), member);
    return named;
  }
  Named items(lists_.size());
  auto rest = static_cast<std::size_t>(map_index);
  for (std::size_t i = lists_.size(); i-- > 0;) {
    const Json list = lists_[i]->root();
    items[i] = {mapping_.keys[i].name, list.at(rest % list.size())};
    rest /= list.size();
  }
  return items;
}

Json MappedItems::kwargs_of(std::int32_t map_index) const {
  return mapping_.kwargs ? lists_.back()->root().at(static_cast<std::size_t>(map_index)) : Json{};
}

}  // namespace leeward
