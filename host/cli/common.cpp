#include "host/cli/common.hpp"

#include <charconv>
#include <iostream>
#include <unistd.h>
#include <utility>

#include "host/app/text_file.hpp"
#include "host/observe/printable.hpp"
#include "host/process/sandbox.hpp"

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

namespace {

/// Nothing after the mistake was printed.
std::optional<Settings> settings_of(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Settings::Flags flags{arguments.all("plugins"), arguments.get("config"), arguments.get("home"),
                        arguments.get("log-level"), arguments.has("locked")};
  Result<Settings> settings = Settings::of(flags, invocation.environment);
  if (settings) return std::move(settings).value();
  static_cast<void>(bad_usage(invocation, settings.error().message));
  return std::nullopt;
}

/// The simulation that the command line asks for. False: its script cannot be read, and that was printed.
bool simulation_of(const Invocation& invocation, std::optional<Application::Simulation>& simulation) {
  const std::optional<std::string> script = invocation.arguments.get("mock-script");
  if (!script && !invocation.arguments.has("mock-llm")) return true;
  simulation.emplace();
  if (!script) return true;
  auto text = text_of_option_file(invocation, *script);
  if (!text) return false;
  simulation->script = *std::move(text);
  simulation->script_name = *script;
  return true;
}

std::unique_ptr<Application> open_with(const Invocation& invocation, Console& console, Settings settings,
                                       const std::optional<Application::Simulation>& simulation,
                                       std::unique_ptr<StoredRuns> runs, int& status) {
  Errors errors;
  auto application = Application::open(std::move(settings), simulation, std::move(runs), console, errors);
  if (application) return application;
  print_errors(invocation, errors);
  status = status_of(errors.front());
  return nullptr;
}

}  // namespace

std::unique_ptr<Application> open_application(const Invocation& invocation, Console& console, int& status) {
  std::optional<Settings> settings = settings_of(invocation);
  if (settings) return open_with(invocation, console, *std::move(settings), std::nullopt, nullptr, status);
  status = kBadInput;
  return nullptr;
}

std::unique_ptr<Application> open_to_run(const Invocation& invocation, Console& console, int& status) {
  keep_onlookers_out();
  status = kBadInput;
  std::optional<Settings> settings = settings_of(invocation);
  std::optional<Application::Simulation> simulation;
  if (!settings || !simulation_of(invocation, simulation)) return nullptr;
  auto runs = StoredRuns::open(settings->home);
  if (!runs) {
    print_errors(invocation, {runs.error()});
    status = status_of(runs.error());
    return nullptr;
  }
  return open_with(invocation, console, *std::move(settings), simulation, std::move(runs).value(), status);
}

std::unique_ptr<StoredRuns> open_runs(const Invocation& invocation, int& status) {
  const auto home = home_of(invocation);
  status = home ? kSuccess : kBadInput;
  if (!home || !Home::at(*home).has_store()) return nullptr;  // looking makes nothing
  auto runs = StoredRuns::open(*home);
  if (runs) return std::move(runs).value();
  print_errors(invocation, {runs.error()});
  status = status_of(runs.error());
  return nullptr;
}

Error nothing_recorded(const std::string& run_id) {
  return {"store.unknown_run",
          "there is no run \"" + run_id + "\": nothing was ever recorded in this home (--home DIR)"};
}

int status_of(const Error& error) {
  if (error.code == "store.unknown_run") return kBadInput;
  for (const char* host : {"net.", "http.", "home.", "store.", "run.no_thread", "run.store"}) {
    if (error.code.starts_with(host)) return kHostFailed;
  }
  return kBadInput;
}

Result<int> number_option(const Arguments& arguments, const char* name, int otherwise) {
  const auto text = arguments.get(name);
  if (!text) return otherwise;
  int number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc{} && end == text->data() + text->size() && number >= 0) return number;
  return Error{"usage.option", std::string{"--"} + name + " takes a number, but was given \"" + *text + "\""};
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

void print_sandbox_gaps(const Invocation& invocation) {
  for (const std::string& gap : sandbox_gaps())
    invocation.err << "warning: of what confines plugins, here is missing: " << gap << "\n";
}

std::optional<std::string> text_of_option_file(const Invocation& invocation, const std::string& file) {
  Result<TextFile> text = read_text_file(file);
  if (text) return std::move(text->text);
  print_errors(invocation, {std::move(text).error()});
  return std::nullopt;
}

}  // namespace leeward
