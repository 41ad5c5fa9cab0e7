#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "host/app/application.hpp"
#include "host/cli/verb.hpp"

namespace leeward {

/// The console behind an invocation's messages: a live one only if they go to this process's own terminal.
[[nodiscard]] std::unique_ptr<Console> console_of(const Invocation& invocation);

/// The application that the common options ask for, one that runs nothing. Null after the mistakes were printed;
/// `status` is then what to exit with.
[[nodiscard]] std::unique_ptr<Application> open_application(const Invocation& invocation, Console& console,
                                                            int& status);
/// The same of one that runs DAGs, and records that in the home folder. Heeds --mock-llm and its like.
[[nodiscard]] std::unique_ptr<Application> open_to_run(const Invocation& invocation, Console& console, int& status);

/// The home folder that the common options ask for; nothing after the mistake was printed.
[[nodiscard]] std::optional<std::filesystem::path> home_of(const Invocation& invocation);
/// The runs recorded there. Null after the mistake was printed, and if nothing ever was: then `status` is kSuccess.
[[nodiscard]] std::unique_ptr<StoredRuns> open_runs(const Invocation& invocation, int& status);

/// Of a run, where there is no store at all.
[[nodiscard]] Error nothing_recorded(const std::string& run_id);

/// What to exit with because of the error: kHostFailed if it is the host's own trouble, else kBadInput.
[[nodiscard]] int status_of(const Error& error);
[[nodiscard]] constexpr int status_of(RunState state) noexcept {
  return state == RunState::success ? kSuccess : kRunFailed;
}

/// One line each on `err`, fit for a terminal.
void print_errors(const Invocation& invocation, const Errors& errors);
/// The same for what does not keep the command from doing its work.
void print_warnings(const Invocation& invocation, const Errors& warnings);

/// What this kernel lacks to confine plugins, a warning each; nothing where it lacks nothing.
void print_sandbox_gaps(const Invocation& invocation);

/// The text of a file that an option names; nothing after the mistake was printed.
[[nodiscard]] std::optional<std::string> text_of_option_file(const Invocation& invocation, const std::string& file);
/// What an option says that takes a number from 0 on; `otherwise` if it was not given. Code usage.option.
[[nodiscard]] Result<int> number_option(const Arguments& arguments, const char* name, int otherwise);

}  // namespace leeward
