#include <ostream>

#include "host/cli/common.hpp"
#include "host/observe/printable.hpp"
#include "host/process/sandbox.hpp"

namespace leeward {
namespace {

std::string summary_of(const OperatorInfo& info) { return info.doc.substr(0, info.doc.find('\n')); }

void print_json(std::ostream& out, const PluginRegistry& registry) {
  JsonWriter json;
  json.begin_object().key("plugins").begin_array();
  for (const PluginRegistry::Plugin& plugin : registry.plugins()) {
    json.begin_object().member("name", plugin.manifest.name).member("version", plugin.manifest.version);
    json.member("file", plugin.file).member("license", plugin.manifest.license);
    json.member("isolation", plugin.isolated ? "runner" : "in_process");
    json.member("abi", abi_text(plugin.manifest.abi_version)).key("operators").begin_array();
    for (const PluginOperator* op : plugin.operators) {
      json.begin_object().member("name", op->info().name).member("kind", op->is_callable() ? "callable" : "operator");
      json.member("version", op->info().version).member("summary", summary_of(op->info())).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().key("problems").begin_array();
  for (const PluginRegistry::Problem& problem : registry.problems()) {
    json.begin_object()
        .member("file", problem.file)
        .member("code", problem.code)
        .member("message", problem.reason)
        .end_object();
  }
  json.end_array().key("sandbox_gaps").begin_array();
  for (const std::string& gap : sandbox_gaps()) json.string(gap);
  json.end_array().end_object();
  out << json.text() << "\n";
}

void print_text(std::ostream& out, const PluginRegistry& registry) {
  for (const PluginRegistry::Plugin& plugin : registry.plugins()) {
    out << printable(plugin.manifest.name) << " " << printable(plugin.manifest.version) << "  "
        << printable(plugin.file) << (plugin.isolated ? "  (in a process of its own)" : "") << "\n";
    for (const PluginOperator* op : plugin.operators) {
      out << "  " << padded(op->info().name, 28) << (op->is_callable() ? "callable  " : "operator  ")
          << printable(summary_of(op->info())) << "\n";
    }
  }
}

}  // namespace

int command_plugins_list(const Invocation& invocation) {
  if (!invocation.arguments.files.empty())
    return bad_usage(invocation, "plugins list takes no operands; folders are named with --plugins");
  const auto console = console_of(invocation);
  int status = kSuccess;
  const auto app = open_application(invocation, *console, status);
  if (!app) return status;
  if (invocation.arguments.has("json")) {
    print_json(invocation.out, app->plugins());
  } else {
    print_text(invocation.out, app->plugins());
    print_sandbox_gaps(invocation);
  }
  return kSuccess;
}

}  // namespace leeward
