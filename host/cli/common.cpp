#include "host/cli/common.hpp"

#include <iostream>
#include <unistd.h>
#include <utility>

#include "host/app/text_file.hpp"
#include "host/observe/printable.hpp"

namespace leeward {

std::unique_ptr<Console> console_of(const Invocation& invocation) {
  const bool own_terminal = &invocation.err == &std::cerr;
  const Console::Style style =
      own_terminal ? Console::style_of(STDERR_FILENO, invocation.environment) : Console::Style{};
  return std::make_unique<Console>(
      [&err = invocation.err](std::string_view text) {
        err.write(text.data(), static_cast<std::streamsize>(text.size()));
        err.flush();
      },
      style);
}

std::unique_ptr<Application> open_application(const Invocation& invocation, Console& console,
                                              const std::optional<Application::Simulation>& simulation, int& status) {
  const Arguments& arguments = invocation.arguments;
  Settings::Flags flags{arguments.all("plugins"), arguments.get("config"), arguments.get("home"),
                        arguments.get("log-level"), arguments.has("locked")};
  Result<Settings> settings = Settings::of(flags, invocation.environment);
  if (!settings) {
    status = bad_usage(invocation, settings.error().message);
    return nullptr;
  }
  Errors errors;
  auto application = Application::open(std::move(settings).value(), simulation, console, errors);
  if (application) return application;
  print_errors(invocation, errors);
  const bool host_trouble = errors.front().code.starts_with("net.") || errors.front().code.starts_with("http.");
  status = host_trouble ? kHostFailed : kBadInput;
  return nullptr;
}

std::optional<std::filesystem::path> home_of(const Invocation& invocation) {
  const Result<Settings> settings =
      Settings::of({{}, std::nullopt, invocation.arguments.get("home"), std::nullopt}, invocation.environment);
  if (settings) return settings->home;
  static_cast<void>(bad_usage(invocation, settings.error().message));
  return std::nullopt;
}

void print_errors(const Invocation& invocation, const Errors& errors) {
  for (const Error& error : errors) {
    const bool placed = !error.where.file.empty() || error.where.line > 0;
    invocation.err << (placed ? "" : "leeward: ") << printable(to_string(error)) << "\n";
  }
}

void print_warnings(const Invocation& invocation, const Errors& warnings) {
  for (const Error& warning : warnings) invocation.err << "warning: " << printable(to_string(warning)) << "\n";
}

std::optional<std::string> text_of_option_file(const Invocation& invocation, const std::string& file) {
  Result<TextFile> text = read_text_file(file);
  if (text) return std::move(text->text);
  print_errors(invocation, {std::move(text).error()});
  return std::nullopt;
}

}  // namespace leeward
