#include "core/load/callback_spec.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/suggestion.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

bool is_notifier(const Json& value, Errors& errors) {
  constexpr std::string_view kExpected = "a notifier, {\"operator\": NAME, \"with\": {...}}";
  static const std::vector<std::string> kKeys{"operator", "with"};
  if (!expect(value.is_object(), kExpected, value, errors)) return false;
  const std::size_t known = errors.size();
  for (const Json& member : value) {
    const std::string key{member.key()};
    if (key == "operator") {
      expect(member.is_string(), "an operator's name", member, errors);
    } else if (key == "with") {
      expect(member.is_object(), "an object, the operator's parameters", member, errors);
    } else {
      add_key_error(errors, "spec.unknown_key", "no key \"" + key + "\" in a notifier" + did_you_mean(key, kKeys),
                    member);
    }
  }
  if (!value["operator"].exists()) add_error(errors, "spec.missing_key", "a notifier needs an \"operator\"", value);
  return errors.size() == known;
}

bool are_notifiers(const Json& value, Errors& errors) {
  if (value.is_null()) return true;
  if (!value.is_array()) return is_notifier(value, errors);
  bool right = true;
  for (const Json& notifier : value) right = is_notifier(notifier, errors) && right;
  return right;
}

}  // namespace

void set_callbacks(CallbackPlaces& places, CallbackMoment moment, const Json& value, Errors& errors) {
  if (!are_notifiers(value, errors)) return;
  auto changed = std::make_shared<CallbacksByMoment>(places ? *places : CallbacksByMoment{});
  (*changed)[static_cast<std::size_t>(moment)] = value;
  places = std::move(changed);
}

}  // namespace leeward
