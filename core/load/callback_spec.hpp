#pragma once

#include "core/base/json.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// Keeps what stands under "on_failure" and its like, in place of what `places` had for the moment: null, one notifier
/// or a list of them. A notifier is {"operator": NAME, "with": {...}}. Codes spec.type spec.unknown_key
/// spec.missing_key.
void set_callbacks(CallbackPlaces& places, CallbackMoment moment, const Json& value, Errors& errors);

}  // namespace leeward
