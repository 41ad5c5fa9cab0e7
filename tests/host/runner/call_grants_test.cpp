#include "host/runner/call_grants.hpp"

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

OperatorInfo from(const std::string& plugin, const std::string& name) {
  OperatorInfo info;
  info.name = name;
  info.plugin = plugin;
  return info;
}

const Value kNothing{std::string{"{}"}};

}  // namespace

TEST_CASE("A plugin in a runner calls what it brings itself, and nothing else by itself", "[host][runner]") {
  const CallGrants grants{"guest", false, {}, {}};
  CHECK(grants.may_call(from("guest", "guest.other"), false, kNothing));
  CHECK(grants.may_call(from("guest", "guest.function"), true, kNothing));
  CHECK(grants.may_call(from("bash", "bash"), false, kNothing).error().code == "call.denied");
  CHECK(grants.may_call(from("text", "text.upper"), true, kNothing).error().code == "call.denied");
  CHECK(grants.may_trigger("daily", kNothing).error().code == "run.denied");
}

TEST_CASE("The configuration grants a plugin in a runner calls and runs by name", "[host][runner]") {
  const CallGrants grants{"guest", false, {"llm"}, {"daily"}};
  CHECK(grants.may_call(from("llm", "llm"), false, kNothing));
  CHECK_FALSE(grants.may_call(from("bash", "bash"), false, kNothing));
  CHECK(grants.may_trigger("daily", kNothing));
  CHECK_FALSE(grants.may_trigger("daily.json", kNothing));
}

TEST_CASE("A plugin that ships does in a runner what its task says, and no more", "[host][runner]") {
  const Value names{std::string{R"({"callable": "text.upper", "dag": "daily"})"}};
  const CallGrants callable{"callable", true, {}, {}};
  CHECK(callable.may_call(from("text", "text.upper"), true, names));
  CHECK_FALSE(callable.may_call(from("text", "text.lower"), true, names));
  CHECK_FALSE(callable.may_call(from("bash", "text.upper"), false, names));
  CHECK_FALSE(callable.may_trigger("daily", names));
  CHECK_FALSE(callable.may_call(from("text", "text.upper"), true, Value{}));
  const CallGrants dag_run{"dag_run", true, {}, {}};
  CHECK(dag_run.may_trigger("daily", names));
  CHECK_FALSE(dag_run.may_trigger("payroll", names));
  CHECK(CallGrants{"text_processing", true, {}, {}}.may_call(from("llm", "llm"), false, kNothing));
  CHECK_FALSE(CallGrants{"llm", true, {}, {}}.may_call(from("bash", "bash"), false, names));
  // A stranger of the same name is a stranger.
  CHECK_FALSE(CallGrants{"dag_run", false, {}, {}}.may_trigger("daily", names));
}
