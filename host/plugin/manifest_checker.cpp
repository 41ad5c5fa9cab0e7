#include "host/plugin/manifest_checker.hpp"

#include <algorithm>
#include <cstring>

#include <leeward/plugin.h>

#include "core/base/json.hpp"

namespace leeward {

std::string ManifestChecker::text(const char* value, const std::string& what) {
  if (value == nullptr) return {};
  const std::size_t length = ::strnlen(value, kMaxText);
  if (length == kMaxText) fault(what + " is longer than 1 MiB");
  std::string copy{value, length};
  if (!is_utf8(copy)) fault(what + " is not UTF-8");
  return copy;
}

void ManifestChecker::name(std::string_view value, const std::string& what) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  };
  if (value.empty()) {
    fault(what + " is missing");
  } else if (value.size() > 128 || !std::all_of(value.begin(), value.end(), allowed)) {
    fault(what + " must be 1 to 128 letters, digits, '_', '.' or '-', but is " + json_quote(value));
  }
}

void ManifestChecker::operator_count(std::uint64_t count) {
  if (count == 0) fault("it has no operators");
  if (count > kMaxOperators) fault("it says it has " + std::to_string(count) + " operators");
}

std::shared_ptr<const JsonSchema> ManifestChecker::schema(const std::string& json, const std::string& what) {
  if (json.empty()) return nullptr;
  auto document = JsonDocument::parse(json, what);
  if (!document) return fault(what + " is not JSON: " + to_string(document.error())), nullptr;
  auto schema = JsonSchema::compile(*document);
  if (!schema) return fault(what + " is no JSON Schema (draft-07): " + to_string(schema.error())), nullptr;
  return *schema;
}

OperatorTraits traits_of(std::uint32_t flags) {
  const auto has = [flags](std::uint32_t flag) { return (flags & flag) != 0; };
  OperatorTraits traits;
  traits.idempotent = has(LW_OP_IDEMPOTENT);
  traits.at_most_once = has(LW_OP_AT_MOST_ONCE);
  traits.pure = has(LW_OP_PURE);
  traits.inline_execution = has(LW_OP_INLINE);
  traits.async = has(LW_OP_ASYNC);
  traits.streams = has(LW_OP_STREAMS);
  traits.branches = has(LW_OP_BRANCHES);
  traits.isolate = has(LW_OP_ISOLATE);
  return traits;
}

}  // namespace leeward
