#include "host/cli/dag_schema.hpp"

#include "core/base/json.hpp"

namespace leeward {
namespace {

/// A text with a placeholder in it: what it will be only a run can tell.
constexpr std::string_view kTemplate = R"({"type": "string", "pattern": "\\{[^\\s{}0-9]"})";

void copy_members(JsonWriter& out, Json object, std::string_view but) {
  for (const Json member : object) {
    if (member.key() != but) out.key(member.key()).raw(member.text());
  }
}

/// An operator's parameters as an editor should check them: each as its schema says, or a template.
void write_parameters(JsonWriter& out, const OperatorInfo& info) {
  const Json schema = info.params_schema->document().root();
  // An id of its own: references inside of the schema go on meaning the schema, not the document around it.
  out.begin_object().member("$id", "urn:leeward:operator:" + info.name);
  copy_members(out, schema, "properties");
  out.key("properties").begin_object();
  for (const Json property : schema["properties"]) {
    out.key(property.key()).begin_object().key("anyOf").begin_array().raw(property.text()).raw(kTemplate).end_array();
    if (const Json description = property["description"]) out.key("description").raw(description.text());
    out.end_object();
  }
  out.end_object().end_object();
}

void write_rule(JsonWriter& out, const OperatorInfo& info) {
  const Json required = info.params_schema->document().root()["required"];
  out.begin_object().key("if").begin_object().key("properties").begin_object().key("operator").begin_object();
  out.member("const", info.name).end_object().end_object().end_object();
  out.key("then").begin_object();
  if (required.size() > 0) out.key("required").begin_array().string("with").end_array();
  out.key("properties").begin_object().key("with");
  write_parameters(out, info);
  out.end_object().end_object().end_object();
}

void write_operator_names(JsonWriter& out, Json properties, const std::vector<std::string>& names) {
  out.key("properties").begin_object();
  copy_members(out, properties, "operator");
  out.key("operator").begin_object();
  copy_members(out, properties["operator"], "enum");
  out.key("enum").begin_array();
  for (const std::string& name : names) out.string(name);
  out.end_array().end_object().end_object();
}

void write_task(JsonWriter& out, Json task, const PluginRegistry& registry) {
  out.key("task").begin_object();
  copy_members(out, task, "properties");
  write_operator_names(out, task["properties"], registry.operator_names());
  out.key("allOf").begin_array();
  for (const std::string& name : registry.operator_names()) {
    const OperatorInfo* info = registry.find_operator(name);
    if (info->params_schema && info->params_schema->document().root().is_object()) write_rule(out, *info);
  }
  out.end_array().end_object();
}

}  // namespace

std::string dag_schema_with(const PluginRegistry& registry) {
  const auto document = JsonDocument::parse(std::string{dag_schema_text()}, "dag.schema.json").value();
  const Json definitions = document->root()["definitions"];
  JsonWriter out;
  out.begin_object();
  copy_members(out, document->root(), "definitions");
  out.key("definitions").begin_object();
  copy_members(out, definitions, "task");
  write_task(out, definitions["task"], registry);
  out.end_object().end_object();
  return out.take();
}

}  // namespace leeward
