#include <ostream>

#include <leeward/abi.h>

#include "core/base/json.hpp"
#include "host/cli/verb.hpp"
#include "host/plugin/plugin_manifest.hpp"
#include "host/version.hpp"

namespace leeward {

int command_version(const Invocation& invocation) {
  if (!invocation.arguments.files.empty()) return bad_usage(invocation, "version takes no operands");
  const std::string version{program_version()};
  const std::string abi = abi_text(LW_ABI_VERSION);
  if (invocation.arguments.has("json")) {
    JsonWriter json;
    json.begin_object().member("version", version).member("abi", abi).member("build", build_description()).end_object();
    invocation.out << json.text() << "\n";
  } else {
    invocation.out << "leeward " << version << "\nplugin interface " << abi << "\n" << build_description() << "\n";
  }
  return kSuccess;
}

}  // namespace leeward
