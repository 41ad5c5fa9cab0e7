#include "core/load/params_spec.hpp"

#include <memory>
#include <string>
#include <utility>

#include "core/load/spec_values.hpp"
#include "core/load/template_parser.hpp"

namespace leeward {

namespace {

/// A plain object as a default value has none of these, or is written as {"default": {...}}.
bool is_schema(const Json& param) {
  return param.is_object() && (param["default"].exists() || param["type"].exists() || param["enum"].exists());
}

std::shared_ptr<const JsonSchema> compile(const Json& param, Errors& errors) {
  auto schema = JsonSchema::compile(JsonDocument::of(param.value()));
  if (schema) return std::move(schema).value();
  Where where = param.where();
  where.pointer += schema.error().where.pointer;
  errors.push_back({"spec.params", "this is no JSON Schema: " + schema.error().message, std::move(where)});
  return nullptr;
}

}  // namespace

void read_params_spec(const Json& params, Dag::Header& header, Errors& errors) {
  if (!expect(params.is_object(), "an object, {\"name\": default value}", params, errors)) return;
  JsonWriter defaults;
  defaults.begin_object();
  for (const Json& param : params) {
    if (!is_template_name(param.key())) {
      add_key_error(errors, "spec.name", "a name that templates can use begins with a letter or '_'", param);
    }
    Dag::Param entry{std::string{param.key()}, nullptr, false};
    Json value = param;
    if (is_schema(param)) {
      entry.schema = compile(param, errors);
      value = param["default"];
      entry.required = !value.exists();
      if (entry.schema && value.exists()) entry.schema->validate(value, errors);
    }
    if (value.exists()) defaults.key(param.key()).raw(value.text());
    header.declared_params.push_back(std::move(entry));
  }
  header.params = Value{defaults.end_object().take()};
}

}  // namespace leeward
