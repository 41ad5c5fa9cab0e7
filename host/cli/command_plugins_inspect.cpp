#include <filesystem>
#include <ostream>
#include <system_error>
#include <vector>

#include "core/base/suggestion.hpp"
#include "host/cli/common.hpp"
#include "host/cli/dag_schema.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

/// What the operand named: a whole plugin, or one operator or callable.
struct Subject {
  const PluginRegistry::Plugin* plugin = nullptr;
  const PluginOperator* op = nullptr;
};

Subject find_file(PluginRegistry& registry, const std::string& operand) {
  std::error_code ignored;
  if (!std::filesystem::exists(operand, ignored)) return {};
  registry.load(operand);
  for (const PluginRegistry::Plugin& plugin : registry.plugins()) {
    if (std::filesystem::equivalent(plugin.file, operand, ignored)) return {&plugin, nullptr};
  }
  return {};
}

Subject find_subject(PluginRegistry& registry, const std::string& operand) {
  if (const Subject file = find_file(registry, operand); file.plugin != nullptr) return file;
  const PluginOperator* op = registry.find(operand);
  for (const PluginRegistry::Plugin& plugin : registry.plugins()) {
    if (op == nullptr ? plugin.manifest.name == operand : plugin.manifest.name == op->info().plugin)
      return {&plugin, op};
  }
  return {};
}

std::string schema_or_null(const std::string& schema) { return schema.empty() ? "null" : schema; }

void write_operator(JsonWriter& json, const PluginOperator& op) {
  json.begin_object().member("name", op.info().name).member("kind", op.is_callable() ? "callable" : "operator");
  json.member("version", op.info().version).member("plugin", op.info().plugin).member("doc", op.info().doc);
  json.key("flags").begin_array();
  for (const std::string& flag : flag_names(op.entry().flags)) json.string(flag);
  json.end_array().key("params_schema").raw(schema_or_null(op.entry().params_schema));
  json.key("output_schema").raw(schema_or_null(op.entry().output_schema)).end_object();
}

void print_json(std::ostream& out, const Subject& subject) {
  JsonWriter json;
  const PluginManifest& manifest = subject.plugin->manifest;
  json.begin_object()
      .member("name", manifest.name)
      .member("version", manifest.version)
      .member("file", subject.plugin->file);
  json.member("license", manifest.license).member("doc", manifest.doc).member("abi", abi_text(manifest.abi_version));
  json.member("isolation", subject.plugin->isolated ? "runner" : "in_process");
  json.member("abi_needs", abi_text(manifest.abi_needs)).key("operators").begin_array();
  for (const PluginOperator* op : subject.plugin->operators) {
    if (subject.op == nullptr || subject.op == op) write_operator(json, *op);
  }
  json.end_array().end_object();
  out << json.text() << "\n";
}

/// Markdown of a stranger's, line by line, so that line breaks stay and control characters do not.
void print_doc(std::ostream& out, std::string_view doc, const char* indent) {
  while (!doc.empty()) {
    const std::size_t end = doc.find('\n');
    out << indent << printable(doc.substr(0, end)) << "\n";
    doc.remove_prefix(end == std::string_view::npos ? doc.size() : end + 1);
  }
}

/// "string", "number or null", "one of \"a\", \"b\""; nothing if the schema does not say.
std::string type_of(Json schema) {
  const bool choice = schema["enum"].is_array();
  const Json type = choice ? schema["enum"] : schema["type"];
  if (type.is_string()) return std::string{type.string()};
  std::string text;
  for (const Json word : type) {
    if (!text.empty()) text += choice ? ", " : " or ";
    text += choice ? word.text() : word.string();
  }
  return (choice ? "one of " : "") + text;
}

bool is_required(Json schema, std::string_view name) {
  for (const Json word : schema["required"]) {
    if (word.string() == name) return true;
  }
  return false;
}

/// A line for each member and its description below it; a schema without members as it is.
void print_schema(std::ostream& out, const std::string& text) {
  const auto document = JsonDocument::parse(text);
  if (!document || (*document)->root()["properties"].size() == 0) return print_doc(out, json_pretty(text), "    ");
  const Json schema = (*document)->root();
  for (const Json member : schema["properties"]) {
    std::string traits = type_of(member);
    if (is_required(schema, member.key())) traits += traits.empty() ? "required" : ", required";
    if (const Json value = member["default"])
      traits += (traits.empty() ? "default " : ", default ") + std::string{value.text()};
    out << "    " << printable(member.key()) << (traits.empty() ? "" : ": ") << printable(traits) << "\n";
    if (member["description"].is_string()) print_doc(out, member["description"].string(), "        ");
  }
  out << "    (--json prints the whole schema)\n";
}

void print_operator(std::ostream& out, const PluginOperator& op) {
  out << "\n"
      << (op.is_callable() ? "callable " : "operator ") << op.info().name << " " << printable(op.info().version)
      << "\n";
  print_doc(out, op.info().doc, "  ");
  std::string flags;
  for (const std::string& flag : flag_names(op.entry().flags)) flags += (flags.empty() ? "" : " ") + flag;
  if (!flags.empty()) out << "  flags: " << flags << "\n";
  out << "  parameters:\n";
  op.entry().params_schema.empty() ? print_doc(out, "any object", "    ") : print_schema(out, op.entry().params_schema);
  if (!op.entry().output_schema.empty()) {
    out << "  result:\n";
    print_schema(out, op.entry().output_schema);
  }
}

void print_text(std::ostream& out, const Subject& subject) {
  const PluginManifest& manifest = subject.plugin->manifest;
  out << "plugin " << manifest.name << " " << printable(manifest.version) << "\n";
  print_doc(out, manifest.doc, "  ");
  out << "  file: " << printable(subject.plugin->file) << "\n";
  if (!manifest.license.empty()) out << "  license: " << printable(manifest.license) << "\n";
  out << "  runs: " << (subject.plugin->isolated ? "in a process of its own" : "in the host") << "\n";
  out << "  plugin interface: built for " << abi_text(manifest.abi_version) << ", needs "
      << abi_text(manifest.abi_needs) << "\n";
  for (const PluginOperator* op : subject.plugin->operators) {
    if (subject.op == nullptr || subject.op == op) print_operator(out, *op);
  }
}

int not_found(const Invocation& invocation, const PluginRegistry& registry, const std::string& operand) {
  std::vector<std::string> names = registry.operator_names();
  for (std::string& name : registry.callable_names()) names.push_back(std::move(name));
  for (const PluginRegistry::Plugin& plugin : registry.plugins()) names.push_back(plugin.manifest.name);
  // The same file may have been refused under another name already, in a folder of plugins.
  std::error_code ignored;
  for (const PluginRegistry::Problem& problem : registry.problems()) {
    if (problem.file == operand || std::filesystem::equivalent(problem.file, operand, ignored))
      return bad_usage(invocation, printable(operand + ": " + problem.reason));
  }
  return bad_usage(invocation,
                   "no plugin, operator or callable \"" + printable(operand) + "\"" + did_you_mean(operand, names));
}

}  // namespace

int command_plugins_inspect(const Invocation& invocation) {
  const std::vector<std::string>& operands = invocation.arguments.files;
  const bool schema = invocation.arguments.has("schema");
  if (operands.size() != (schema ? 0 : 1)) {
    return bad_usage(invocation,
                     "plugins inspect takes one NAME or FILE, or --schema alone (leeward plugins inspect --help)");
  }
  const auto console = console_of(invocation);
  int status = kSuccess;
  const auto app = open_application(invocation, *console, status);
  if (!app) return status;
  if (schema) {
    const std::string text = dag_schema_with(app->plugins());
    invocation.out << (invocation.arguments.has("json") ? text : json_pretty(text)) << "\n";
    return kSuccess;
  }
  const Subject subject = find_subject(app->plugins(), operands.front());
  if (subject.plugin == nullptr) return not_found(invocation, app->plugins(), operands.front());
  invocation.arguments.has("json") ? print_json(invocation.out, subject) : print_text(invocation.out, subject);
  return kSuccess;
}

}  // namespace leeward
