#include "plugins/http_sensor/answer_check.hpp"

#include <leeward/cpp/json_check.hpp>
#include <leeward/cpp/text.hpp>

namespace http_sensor {
namespace {

namespace sdk = leeward::sdk;

// The condition with each text in it rendered. Names of members are no templates. The host limits how deep it is
// nested.
std::string rendered(sdk::Task task, std::string_view json, std::string_view variables) {
  if (json.front() == '"') {
    if (json.find_first_of("{}") == std::string_view::npos) return std::string(json);
    return std::string(sdk::render(task, sdk::unquote(json), variables).view());
  }
  std::string out;
  if (json.front() == '[') {
    for (const std::string_view element : sdk::elements(json))
      out += (out.empty() ? "" : ",") + rendered(task, element, variables);
    return "[" + out + "]";
  }
  if (json.front() == '{') {
    for (const auto& [name, value] : sdk::members(json))
      out += (out.empty() ? "" : ",") + sdk::quote(name) + ":" + rendered(task, value, variables);
    return "{" + out + "}";
  }
  return std::string(json);
}

}  // namespace

std::string described(const sdk::HttpResponse& answer) {
  sdk::JsonObject object;
  object.add("status", answer.status).add("body", std::string(answer.body));
  object.add_json("json", sdk::is_json(answer.body) ? answer.body : "null");
  return object.text();
}

bool holds(sdk::Task task, std::string_view condition, std::string_view variables) {
  try {
    return sdk::evaluate(task, rendered(task, condition, variables));
  } catch (const sdk::Error& error) {
    if (!error.noted_by_host()) throw;
    throw sdk::Error(error).as(LW_RETRY);
  }
}

}  // namespace http_sensor
