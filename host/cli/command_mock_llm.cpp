#include <chrono>
#include <future>
#include <ostream>
#include <utility>

#include "core/base/time_format.hpp"
#include "host/app/interrupts.hpp"
#include "host/cli/common.hpp"
#include "host/mock/mock_llm.hpp"

namespace leeward {
namespace {

/// What the command line asks for. False: a mistake was printed.
bool options_of(const Invocation& invocation, MockLlm::Options& options) {
  const Arguments& arguments = invocation.arguments;
  options.listen = arguments.get("listen").value_or(options.listen);
  options.log_file = arguments.get("log").value_or("");
  if (const auto latency = arguments.get("latency")) {
    const Result<Duration> parsed = parse_duration(*latency);
    if (!parsed) {
      print_errors(invocation, {{parsed.error().code, "--latency: " + parsed.error().message}});
      return false;
    }
    options.latency = std::chrono::duration_cast<std::chrono::milliseconds>(*parsed);
  }
  if (const auto script = arguments.get("script")) {
    auto text = text_of_option_file(invocation, *script);
    if (!text) return false;
    options.script = *std::move(text);
    options.script_name = *script;
  }
  return true;
}

}  // namespace

int command_mock_llm(const Invocation& invocation) {
  Interrupts::block();  // before there is a second thread
  if (!invocation.arguments.files.empty())
    return bad_usage(invocation, "mock-llm takes no operands (leeward mock-llm --help)");
  MockLlm::Options options;
  if (!options_of(invocation, options)) return kBadInput;
  const bool scripted = !options.script.empty();
  auto mock = MockLlm::start(std::move(options));
  if (!mock) {
    print_errors(invocation, {mock.error()});
    return scripted && mock.error().where.line > 0 ? kBadInput : kHostFailed;
  }
  invocation.out << (*mock)->base_url() << std::endl;
  std::promise<void> interrupted;
  const Interrupts interrupts{[&] { interrupted.set_value(); }, [] {}};
  interrupted.get_future().wait();
  invocation.err << "mock-llm: " << (*mock)->requests() << " requests\n";
  return kSuccess;
}

}  // namespace leeward
