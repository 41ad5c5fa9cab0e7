#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/dag.hpp"

namespace leeward::test {

/// A name's value as JSON text; nothing if there is none.
using NameLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// What one instance of a mapped task or group gets, as JSON texts.
struct Item {
  std::map<std::string, std::string> named;  ///< by expand key
  std::optional<std::string> kwargs;         ///< an object to merge over `with`
};

/// What a mapping comes to, instance by instance; nothing if that is too many, or no list. The objects that a group is
/// mapped over give it names.
[[nodiscard]] std::optional<std::vector<Item>> items_of(const Mapping& mapping, bool of_group, const NameLookup& names);

/// A template filled in; nothing if a name in it has no value.
[[nodiscard]] std::optional<std::string> filled_in(const ValueTemplate& text, const NameLookup& names);

/// The member of an object, the one of `over` if it has one, as JSON text; nothing if neither has.
[[nodiscard]] std::optional<std::string> member_of(const std::string& object, const std::optional<std::string>& over,
                                                   const std::string& name);

}  // namespace leeward::test
