#include "core/load/mapping_parser.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/load/spec_values.hpp"
#include "core/load/template_parser.hpp"
#include "core/model/builtin_names.hpp"

namespace leeward {

namespace {

constexpr std::string_view kSources =
    "a list, one placeholder that yields a list or an object, an object, {\"zip\": [...]} or {\"concat\": [...]}";

/// One placeholder and nothing else; a mistake in it is told by whoever compiles it.
bool may_yield_anything(const Json& value) {
  if (!value.is_string()) return false;
  Errors mistakes;
  const Template parsed = parse_template(value.string(), mistakes);
  return !mistakes.empty() || (parsed.single() != nullptr && parsed.single()->format.empty());
}

/// How many items there will be, if the text alone tells.
std::optional<std::size_t> literal_length(const Json& source) {
  if (source.is_array()) return source.size();
  if (!source.is_object()) return std::nullopt;
  const Json zipped = source["zip"];
  const Json joined = source["concat"];
  if (!zipped.is_array() && !joined.is_array()) return source.size();
  std::optional<std::size_t> length;
  for (const Json& part : zipped.is_array() ? zipped : joined) {
    const auto items = literal_length(part);
    if (!items) return std::nullopt;
    if (!length) {
      length = items;
    } else if (joined.is_array()) {
      *length += *items;
    } else {
      length = source["fill"].exists() ? std::max(*length, *items) : std::min(*length, *items);
    }
  }
  return length;
}

class MappingParser {
 public:
  MappingParser(const MergeTarget& target, const std::shared_ptr<const JsonDocument>& spec, ParamsChecker& checker,
                Errors& errors)
      : target_(target), spec_(spec), checker_(checker), errors_(errors) {}

  CheckedMapping parse(const MappingSpec& written) {
    if (written.expand.exists() && written.expand_kwargs.exists()) {
      add_key_error(errors_, "spec.value", "\"expand\" and \"expand_kwargs\" exclude each other",
                    written.expand_kwargs);
    }
    if (written.max_map_length.exists()) read_max_length(written.max_map_length);
    if (written.expand.exists()) read_keys(written.expand);
    if (written.expand_kwargs.exists()) read_kwargs(written.expand_kwargs);
    return {std::make_shared<Mapping>(std::move(mapping_)), std::move(asks_)};
  }

 private:
  void read_max_length(const Json& value) {
    const auto length = read_integer(value, 1, errors_);
    if (!length) return;
    if (static_cast<std::uint32_t>(*length) > Mapping::kMaxInstances) {
      return add_error(errors_, "spec.limit",
                       "expected at most " + std::to_string(Mapping::kMaxInstances) + " instances", value);
    }
    mapping_.max_length = static_cast<std::uint32_t>(*length);
  }

  void check_length(const std::optional<std::size_t>& length, const Json& at) {
    if (!length || *length <= mapping_.max_length) return;
    add_error(errors_, "spec.limit",
              "these are more than the " + std::to_string(mapping_.max_length) + " instances that there may be", at);
  }

  // ---- expand ----

  void read_keys(const Json& expand) {
    if (!expect(expand.is_object(), "an object, {\"name\": what to map over}", expand, errors_)) return;
    if (expand.size() == 0) return add_error(errors_, "spec.value", "there is nothing to map over", expand);
    std::optional<std::size_t> instances = 1;
    for (const Json& source : expand) {
      check_name(source);
      mapping_.keys.push_back({std::string{source.key()}, read_source(source)});
      const auto length = literal_length(source);
      // Every factor is below the limit of a spec's bytes, and past Mapping::kMaxInstances the product stays.
      if (!length || !instances) {
        instances.reset();
      } else if (*instances <= Mapping::kMaxInstances || *length == 0) {
        *instances *= *length;
      }
    }
    check_length(instances, expand);
  }

  void check_name(const Json& source) {
    if (!is_template_name(source.key())) {
      add_key_error(errors_, "spec.name", "a name that templates can use begins with a letter or '_'", source);
    } else if (is_builtin_name(source.key())) {
      add_key_error(errors_, "spec.reserved_name",
                    "\"" + std::string{source.key()} + "\" is a name that the engine gives every template", source);
    }
  }

  ItemSource read_source(const Json& source) {
    if (source.is_object() && source["zip"].exists()) return read_zip(source);
    if (source.is_object() && source["concat"].exists()) return read_concat(source);
    const bool right = source.is_array() || source.is_object() || may_yield_anything(source);
    ItemSource read;
    if (expect(right, kSources, source, errors_)) read.value = checker_.compile(source, spec_, asks_);
    return read;
  }

  ItemSource read_zip(const Json& source) {
    ItemSource read{ItemSource::Kind::zip, {}, read_parts(source["zip"]), {}};
    if (const Json fill = source["fill"]; fill.exists()) read.fill = read_fill(fill);
    refuse_others(source, "fill");
    return read;
  }

  ItemSource read_concat(const Json& source) {
    ItemSource read{ItemSource::Kind::concat, {}, read_parts(source["concat"]), {}};
    refuse_others(source, "concat");
    return read;
  }

  std::vector<ItemSource> read_parts(const Json& parts) {
    std::vector<ItemSource> read;
    if (!expect(parts.is_array(), "a list of what to map over", parts, errors_)) return read;
    if (parts.size() == 0) add_error(errors_, "spec.value", "there is nothing to map over", parts);
    for (const Json& part : parts) read.push_back(read_source(part));
    return read;
  }

  Value read_fill(const Json& fill) {
    CheckedParams nothing;
    ValueTemplate value = checker_.compile(fill, spec_, nothing);
    if (value.slots.empty()) return Value{std::move(value.json_after)};
    add_error(errors_, "spec.value", "a \"fill\" is the same in every run, so it cannot be a template", fill);
    return {};
  }

  void refuse_others(const Json& source, std::string_view also) {
    for (const Json& member : source) {
      if (member.key() == "zip" || member.key() == also) continue;
      add_key_error(errors_, "spec.unknown_key",
                    "no key \"" + std::string{member.key()} + "\" beside \"" +
                        (source["zip"].exists() ? "zip" : "concat") +
                        "\"; to map over the members of an object that has such a key, write them as a list of "
                        "{\"key\": ..., \"value\": ...}",
                    member);
    }
  }

  // ---- expand_kwargs ----

  void read_kwargs(const Json& kwargs) {
    constexpr std::string_view kExpected = "a list of objects, or one placeholder that yields it";
    if (!expect(kwargs.is_array() || may_yield_anything(kwargs), kExpected, kwargs, errors_)) return;
    for (const Json& item : kwargs) {
      const bool right = item.is_object() || may_yield_anything(item);
      if (!expect(right, "an object, or one placeholder that yields it", item, errors_)) continue;
      if (target_.op != nullptr && item.is_object()) {
        checker_.check_merged(target_.with, item, *target_.op, asks_);
      }
    }
    check_length(literal_length(kwargs), kwargs);
    mapping_.kwargs.emplace().value = target_.op == nullptr
                                          ? checker_.compile(kwargs, spec_, asks_)
                                          : checker_.compile_items(kwargs, target_.with, *target_.op, spec_, asks_);
  }

  const MergeTarget& target_;
  const std::shared_ptr<const JsonDocument>& spec_;
  ParamsChecker& checker_;
  Errors& errors_;
  Mapping mapping_;
  CheckedParams asks_;
};

}  // namespace

CheckedMapping parse_mapping(const MappingSpec& written, const MergeTarget& target,
                             const std::shared_ptr<const JsonDocument>& spec, ParamsChecker& checker, Errors& errors) {
  return MappingParser{target, spec, checker, errors}.parse(written);
}

}  // namespace leeward
