#include "core/engine/mapped_items.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

using List = std::shared_ptr<const JsonDocument>;  // an array

Error wrong_type(std::string_view where, std::string_view expected, const Json& got) {
  return {"expand.type", std::string{where} + ": " + std::string{expected} + " is needed to map over, and this is " +
                             std::string(to_string(got.kind()))};
}

Error too_many(std::string_view where, const std::string& instances, std::uint32_t limit) {
  return {"expand.too_large", std::string{where} + ": " + instances + " instances are more than the limit of " +
                                  std::to_string(limit) + " (max_map_length)"};
}

Error too_long(std::string_view where) {
  return {"expand.too_large", std::string{where} +
                                  ": the lists to map over, or what is put together of them, come to " + "more than " +
                                  std::to_string(kMaxRenderedBytes >> 20) + " MiB"};
}

/// Makes the lists of one mapping, and stops as soon as they are more or larger than they may be: a source of few bytes
/// may name a large value many times.
class ListMaker {
 public:
  ListMaker(const Scope& scope, std::uint32_t max_length) : scope_(scope), max_length_(max_length) {}

  /// Of one key, whose name is in `where`.
  Result<List> make(const ItemSource& source, std::string_view where) { return list_of(source, where, max_length_); }

 private:
  /// `most`: of its items. A part may have more than the whole, whose shortest part ends it.
  Result<List> list_of(const ItemSource& source, std::string_view where, std::size_t most) {
    switch (source.kind) {
      case ItemSource::Kind::value: return rendered(source, where, most);
      case ItemSource::Kind::zip: return zipped(source, where, most);
      case ItemSource::Kind::concat: return concatenated(source, where, most);
    }
    LW_ASSERT(false, "every kind of source is listed above");
    return List{};
  }

  Result<List> rendered(const ItemSource& source, std::string_view where, std::size_t most) {
    Result<Value> value = source.value.render(scope_);
    if (!value) return std::move(value).error();
    bytes_ += value->json().size();
    if (bytes_ > kMaxRenderedBytes) return too_long(where);
    List list = JsonDocument::of(*value);
    const Json root = list->root();
    if (!root.is_array() && !root.is_object()) return wrong_type(where, "a list or an object", root);
    if (root.size() > most) return too_many(where, std::to_string(root.size()), max_length_);
    return root.is_array() ? list : members_of(root, where);
  }

  /// An object is mapped over its members. Airflow's pairs of key and value, with names.
  static Result<List> members_of(const Json& object, std::string_view where) {
    JsonWriter out;
    out.begin_array();
    for (const Json& member : object) {
      out.begin_object().member("key", member.key()).key("value").raw(member.text()).end_object();
      if (out.text().size() > kMaxRenderedBytes) return too_long(where);
    }
    out.end_array();
    return JsonDocument::of(Value{out.take()});
  }

  Result<List> zipped(const ItemSource& source, std::string_view where, std::size_t most) {
    std::vector<List> parts;
    std::size_t shortest = SIZE_MAX;
    std::size_t longest = 0;
    for (const ItemSource& part : source.parts) {
      Result<List> list = list_of(part, where, SIZE_MAX);
      if (!list) return list;
      shortest = std::min(shortest, (*list)->root().size());
      longest = std::max(longest, (*list)->root().size());
      parts.push_back(std::move(list).value());
    }
    const std::size_t size = source.fill ? longest : std::min(shortest, longest);
    if (size > most) return too_many(where, std::to_string(size), max_length_);
    JsonWriter out;
    out.begin_array();
    for (std::size_t i = 0; i < size; ++i) {
      out.begin_array();
      for (const List& part : parts) {
        const Json item = part->root().at(i);
        out.raw(item.exists() ? item.text() : source.fill->json());
        if (out.text().size() > kMaxRenderedBytes) return too_long(where);
      }
      out.end_array();
    }
    out.end_array();
    return JsonDocument::of(Value{out.take()});
  }

  Result<List> concatenated(const ItemSource& source, std::string_view where, std::size_t most) {
    JsonWriter out;
    out.begin_array();
    std::size_t size = 0;
    for (const ItemSource& part : source.parts) {
      Result<List> list = list_of(part, where, SIZE_MAX);
      if (!list) return list;
      size += (*list)->root().size();
      if (size > most) return too_many(where, std::to_string(size) + " or more", max_length_);
      for (const Json& item : (*list)->root()) out.raw(item.text());
      if (out.text().size() > kMaxRenderedBytes) return too_long(where);
    }
    out.end_array();
    return JsonDocument::of(Value{out.take()});
  }

  const Scope& scope_;
  const std::uint32_t max_length_;
  std::size_t bytes_ = 0;  ///< of all that was rendered
};

}  // namespace

Result<std::shared_ptr<const MappedItems>> MappedItems::render(const Mapping& mapping, const Scope& scope) {
  std::shared_ptr<MappedItems> made(new MappedItems(mapping));
  ListMaker maker{scope, mapping.max_length};
  std::size_t instances = 1;
  const auto add = [&](const ItemSource& source, const std::string& where) -> std::optional<Error> {
    Result<List> list = maker.make(source, where);
    if (!list) return std::move(list).error();
    instances *= (*list)->root().size();  // each at most 10^6: no overflow
    if (instances > mapping.max_length) return too_many(where, std::to_string(instances), mapping.max_length);
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
