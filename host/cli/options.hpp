#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace leeward {

/// One option of a verb. The table of these is all there is to know about it: parsing and help come from here.
struct OptionSpec {
  const char* name;      ///< "--name", without the dashes
  const char* argument;  ///< what help calls it, "FILE"; null: the option takes none
  const char* doc;
  bool repeatable = false;
};

/// A verb's command line, taken apart.
struct Arguments {
  std::vector<std::string> files;  ///< what is no option, in order
  std::vector<std::pair<std::string, std::string>> options;

  [[nodiscard]] bool has(std::string_view option) const;
  /// Of the last one given.
  [[nodiscard]] std::optional<std::string> get(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view option) const;
};

/// Takes a command line apart: `--name value`, `--name=value`, abbreviations, `--` before names that begin with a dash.
/// Code usage.option, with the nearest guess.
[[nodiscard]] Result<Arguments> parse_arguments(const std::vector<std::string>& words,
                                                std::span<const OptionSpec> options);

/// "  --name FILE   doc", a line or more each, for help.
[[nodiscard]] std::string options_help(std::span<const OptionSpec> options);

}  // namespace leeward
