#include "core/model/input_request.hpp"

#include <algorithm>
#include <utility>

#include "core/base/quoted.hpp"
#include "core/base/suggestion.hpp"

namespace leeward {
namespace {

Error bad_request(std::string message) { return {"input.request", std::move(message)}; }
Error bad_answer(std::string message) { return {"input.answer", std::move(message)}; }

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// False: it is no list of texts.
bool read_texts(const Json& json, std::vector<std::string>& into) {
  if (!json.is_array()) return false;
  for (const Json& text : json) {
    if (!text.is_string()) return false;
    into.emplace_back(text.string());
  }
  return true;
}

void write_texts(JsonWriter& out, std::string_view name, const std::vector<std::string>& texts) {
  out.key(name).begin_array();
  for (const std::string& text : texts) out.string(text);
  out.end_array();
}

/// Reads one member; what is wrong with it, or nothing.
std::optional<std::string> read_member(const Json& member, InputRequest& request) {
  const std::string_view name = member.key();
  const auto text = [&](std::string& into) -> std::optional<std::string> {
    if (!member.is_string()) return quoted(name) + " is a text";
    into = member.string();
    return std::nullopt;
  };
  const auto texts = [&](std::vector<std::string>& into) -> std::optional<std::string> {
    return read_texts(member, into) ? std::nullopt : std::optional(quoted(name) + " is a list of texts");
  };
  if (name == "subject") return text(request.subject);
  if (name == "body") return text(request.body);
  if (name == "options") return texts(request.options);
  if (name == "defaults") return texts(request.defaults);
  if (name == "respondents") return texts(request.respondents);
  if (name == "multiple") {
    if (!member.is_boolean()) return quoted(name) + " is true or false";
    request.multiple = member.boolean();
    return std::nullopt;
  }
  if (name == "form") {
    if (!member.is_object()) return quoted(name) + " is an object of fields and their defaults";
    request.form = member.value();
    return std::nullopt;
  }
  if (name == "timeout_ms") {
    constexpr double kLongest = 1000.0 * 3600 * 24 * 366 * 100;  // a century still fits into nanoseconds
    const bool fits = member.is_number() && member.number() >= 0 && member.number() <= kLongest;
    if (!fits) return quoted(name) + " is a number of milliseconds, a century at most";
    request.timeout = std::chrono::milliseconds{static_cast<std::int64_t>(member.number())};
    return std::nullopt;
  }
  return "there is no member " + quoted(name);
}

Value answer_of(const std::vector<std::string>& chosen, const Value& form, const std::string* user, bool timed_out) {
  JsonWriter out;
  out.begin_object();
  write_texts(out, "chosen_options", chosen);
  out.key("params_input").raw(form.json());
  out.key("responded_by");
  if (user == nullptr) {
    out.null();
  } else {
    out.string(*user);
  }
  out.key("timed_out").boolean(timed_out);
  out.end_object();
  return Value{out.take()};
}

std::string_view kind_of(const Json& json) {
  if (json.is_string()) return "a text";
  if (json.is_number()) return "a number";
  if (json.is_boolean()) return "true or false";
  if (json.is_array()) return "a list";
  return json.is_object() ? "an object" : "null";
}

/// What one field holds once `given` was filled in where `field` was the default.
Result<std::string> value_of(const Json& field, const Json& given) {
  if (field.is_null() || kind_of(field) == kind_of(given)) return std::string{given.text()};
  if (field.is_string() && (given.is_number() || given.is_boolean())) return json_quote(given.text());
  return bad_answer("the field " + quoted(field.key()) + " takes " + std::string{kind_of(field)} + ", not " +
                    std::string{kind_of(given)});
}

/// A mistake unless every member of `input` is a field.
Status check_names(const Json& fields, const Json& input) {
  std::vector<std::string> names;
  for (const Json& field : fields) names.emplace_back(field.key());
  for (const Json& given : input) {
    if (!contains(names, given.key())) {
      return bad_answer("there is no field " + quoted(given.key()) + " to fill in" +
                        did_you_mean(std::string{given.key()}, names));
    }
  }
  return done();
}

/// The form's defaults, overridden by what was filled in.
Result<Value> filled_in(const Value& form, const Json& input) {
  const auto fields = JsonDocument::of(form);
  if (input.exists() && !input.is_object()) return bad_answer("\"params_input\" is an object of fields");
  if (Status names = check_names(fields->root(), input); !names) return std::move(names).error();
  JsonWriter out;
  out.begin_object();
  for (const Json& field : fields->root()) {
    const Json given = input.is_object() ? input[field.key()] : Json{};
    Result<std::string> value = given.exists() ? value_of(field, given) : std::string{field.text()};
    if (!value) return std::move(value).error();
    out.key(field.key()).raw(*value);
  }
  out.end_object();
  return Value{out.take()};
}

}  // namespace

Result<InputRequest> InputRequest::parse(const Value& json) {
  auto document = JsonDocument::parse(std::string{json.json()}, "input request");
  if (!document) return bad_request(document.error().message);
  const Json root = (*document)->root();
  if (!root.is_object()) return bad_request("what is asked for is an object");
  InputRequest request;
  for (const Json& member : root) {
    if (auto fault = read_member(member, request)) return bad_request(*std::move(fault));
  }
  for (const std::string& option : request.defaults) {
    if (!contains(request.options, option))
      return bad_request("the default " + quoted(option) + " is none of the options");
  }
  if (request.defaults.size() > 1 && !request.multiple)
    return bad_request("several defaults, where one option is chosen");
  return request;
}

Value InputRequest::json() const {
  JsonWriter out;
  out.begin_object().member("subject", subject).member("body", body);
  write_texts(out, "options", options);
  write_texts(out, "defaults", defaults);
  write_texts(out, "respondents", respondents);
  out.key("multiple").boolean(multiple);
  out.key("form").raw(form.json());
  if (timeout) out.member("timeout_ms", std::chrono::duration_cast<std::chrono::milliseconds>(*timeout).count());
  out.end_object();
  return Value{out.take()};
}

Result<Value> InputRequest::accept(const Value& said, const std::string& user) const {
  if (!respondents.empty() && !contains(respondents, user)) {
    return Error{"input.forbidden", quoted(user) + " may not answer this: it was asked of others"};
  }
  const auto document = JsonDocument::of(said);
  const Json root = document->root();
  std::vector<std::string> chosen;
  if (const Json options_said = root["chosen_options"]; options_said.exists() && !read_texts(options_said, chosen)) {
    return bad_answer("\"chosen_options\" is a list of texts");
  }
  for (const std::string& option : chosen) {
    if (!contains(options, option))
      return bad_answer("there is no option " + quoted(option) + did_you_mean(option, options));
  }
  if (chosen.empty() && !options.empty()) return bad_answer("no option was chosen");
  if (chosen.size() > 1 && !multiple) return bad_answer("only one option may be chosen");
  Result<Value> fields = filled_in(form, root["params_input"]);
  if (!fields) return std::move(fields).error();
  return answer_of(chosen, *fields, &user, false);
}

Value InputRequest::timed_out() const { return answer_of(defaults, form, nullptr, true); }

}  // namespace leeward
