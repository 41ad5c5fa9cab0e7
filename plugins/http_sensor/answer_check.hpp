#pragma once

#include <string>
#include <string_view>

#include <leeward/cpp/http.hpp>
#include <leeward/cpp/task.hpp>

namespace http_sensor {

/// What an answer says, as JSON: {"status": 200, "body": "...", "json": ...}; `json` is null unless the body is JSON.
[[nodiscard]] std::string described(const leeward::sdk::HttpResponse& answer);

/// Whether a condition holds whose templates are over the members of `variables`. Throws leeward::sdk::Error, worth a
/// retry, if it cannot be decided: the next answer may have what this one lacks.
[[nodiscard]] bool holds(leeward::sdk::Task task, std::string_view condition, std::string_view variables);

}  // namespace http_sensor
