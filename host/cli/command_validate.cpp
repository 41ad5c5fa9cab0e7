#include <ostream>

#include "host/cli/common.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

void print_json(std::ostream& out, const Errors& errors) {
  JsonWriter json;
  json.begin_array();
  for (const Error& error : errors) {
    json.begin_object().member("file", error.where.file).member("pointer", error.where.pointer);
    json.member("line", std::int64_t{error.where.line}).member("column", std::int64_t{error.where.column});
    json.member("code", error.code).member("message", error.message).end_object();
  }
  json.end_array();
  out << json.text() << "\n";
}

}  // namespace

int command_validate(const Invocation& invocation) {
  const std::vector<std::string>& files = invocation.arguments.files;
  if (files.empty()) return bad_usage(invocation, "validate takes one or more DAG files (leeward validate --help)");
  const bool as_json = invocation.arguments.has("json");
  const auto console = console_of(invocation);
  int status = kSuccess;
  const auto app = open_application(invocation, *console, status);
  if (!app) return status;

  Errors all;
  for (const std::string& file : files) {
    LoadedDag loaded = app->load(file);
    if (!as_json) {
      for (const Error& error : loaded.errors) invocation.out << printable(to_string(error)) << "\n";
      if (loaded.dag) {
        invocation.out << printable(file) << ": ok, DAG " << printable(loaded.dag->id()) << " with "
                       << loaded.dag->size() << (loaded.dag->size() == 1 ? " task\n" : " tasks\n");
      }
    }
    for (const Error& note : loaded.notes) invocation.err << "note: " << printable(to_string(note)) << "\n";
    if (loaded.dag) {
      for (const Error& missing : app->unmet_needs(*loaded.dag)) {
        invocation.err << "note: " << printable(to_string(missing)) << "\n";
      }
    }
    all.insert(all.end(), loaded.errors.begin(), loaded.errors.end());
  }
  if (as_json) print_json(invocation.out, all);
  return all.empty() ? kSuccess : kBadInput;
}

}  // namespace leeward
