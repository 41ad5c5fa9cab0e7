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

/// The application that the common options ask for. Null after the mistakes were printed; `status` is then what to exit
/// with.
[[nodiscard]] std::unique_ptr<Application> open_application(const Invocation& invocation, Console& console,
                                                            const std::optional<Application::Simulation>& simulation,
                                                            int& status);

/// The home folder that the common options ask for; nothing after the mistake was printed.
[[nodiscard]] std::optional<std::filesystem::path> home_of(const Invocation& invocation);

/// One line each on `err`, fit for a terminal.
void print_errors(const Invocation& invocation, const Errors& errors);
/// The same for what does not keep the command from doing its work.
void print_warnings(const Invocation& invocation, const Errors& warnings);

/// The text of a file that an option names; nothing after the mistake was printed.
[[nodiscard]] std::optional<std::string> text_of_option_file(const Invocation& invocation, const std::string& file);

}  // namespace leeward
