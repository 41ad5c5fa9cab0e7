#include <ostream>

#include "host/cli/common.hpp"
#include "host/cli/strangers.hpp"
#include "host/observe/printable.hpp"
#include "host/process/sandbox.hpp"

namespace leeward {
namespace {

void write_json(JsonWriter& json, const std::string& operand, const Result<PluginGuard::Admitted>& found) {
  json.begin_object().member("file", operand).key("ok").boolean(found.ok());
  if (!found) {
    json.member("code", found.error().code).member("message", found.error().message).end_object();
    return;
  }
  json.member("name", found->manifest.name).member("version", found->manifest.version).member("sha256", found->sha256);
  json.key("operators").begin_array();
  for (const PluginManifest::Entry& entry : found->manifest.entries) json.string(entry.info.name);
  json.end_array().key("warning");
  found->warning ? json.string(found->warning->message) : json.null();
  json.key("sandbox_gaps").begin_array();
  for (const std::string& gap : sandbox_gaps()) json.string(gap);
  json.end_array().end_object();
}

void write_text(const Invocation& invocation, const std::string& operand, const Result<PluginGuard::Admitted>& found) {
  if (!found) return print_errors(invocation, {found.error()});
  std::string operators;
  for (const PluginManifest::Entry& entry : found->manifest.entries)
    operators += (operators.empty() ? "" : ", ") + entry.info.name;
  invocation.out << printable(operand + ": ok, plugin " + found->manifest.name + " " + found->manifest.version +
                              ", sha256 " + found->sha256 + ", brings " + operators)
                 << "\n";
  if (found->warning) print_warnings(invocation, {*found->warning});
}

}  // namespace

int command_plugins_check(const Invocation& invocation) {
  const std::vector<std::string>& operands = invocation.arguments.files;
  if (operands.empty())
    return bad_usage(invocation, "plugins check takes one or more FILEs or NAMEs (leeward plugins check --help)");
  int status = kBadInput;
  const auto strangers = strangers_of(invocation, status);
  if (!strangers) return status;
  bool all_good = true;
  JsonWriter json;
  json.begin_array();
  for (const std::string& operand : operands) {
    const auto file = stranger_named(*strangers, operand);
    const auto found = file ? strangers->guard->admit_anew(*file) : Result<PluginGuard::Admitted>{file.error()};
    all_good = all_good && found.ok();
    write_json(json, operand, found);
    if (!invocation.arguments.has("json")) write_text(invocation, operand, found);
  }
  json.end_array();
  if (invocation.arguments.has("json")) {
    invocation.out << json.text() << "\n";
  } else {
    print_sandbox_gaps(invocation);
  }
  return all_good ? kSuccess : kBadInput;
}

}  // namespace leeward
