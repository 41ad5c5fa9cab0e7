#include "host/cli/options.hpp"

#include <algorithm>
#include <sstream>

#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>

#include "core/base/suggestion.hpp"

namespace leeward {
namespace {

constexpr std::size_t kHelpColumn = 26;
constexpr std::size_t kHelpWidth = 100;

Poco::Util::OptionSet poco_options(std::span<const OptionSpec> options) {
  Poco::Util::OptionSet set;
  for (const OptionSpec& spec : options) {
    // Whether an option may come twice is ours to say: the library's own complaint names no option.
    Poco::Util::Option option{spec.name, std::string{spec.name} == "help" ? "h" : "", spec.doc};
    option.repeatable(true);
    if (spec.argument != nullptr) option.argument(spec.argument, true);
    set.addOption(option);
  }
  return set;
}

std::vector<std::string> names_of(std::span<const OptionSpec> options) {
  std::vector<std::string> names;
  for (const OptionSpec& spec : options) names.emplace_back(spec.name);
  return names;
}

Error usage(std::string message) { return {"usage.option", std::move(message)}; }

/// "--parm=x" without the dashes and what follows the name.
std::string bare_name(const std::string& word) {
  const std::size_t from = word.find_first_not_of('-');
  return from == std::string::npos ? word : word.substr(from, word.find_first_of("=:", from) - from);
}

Error unknown_option(const std::string& word, std::span<const OptionSpec> options) {
  const std::string guess = nearest(bare_name(word), names_of(options));
  return usage("unknown option \"" + word + "\"" + (guess.empty() ? "" : "; did you mean --" + guess + "?"));
}

std::optional<Error> repeated(const Arguments& arguments, std::span<const OptionSpec> options) {
  for (const OptionSpec& spec : options) {
    if (!spec.repeatable && arguments.all(spec.name).size() > 1) {
      return usage(std::string{"--"} + spec.name + " was given twice");
    }
  }
  return std::nullopt;
}

}  // namespace

bool Arguments::has(std::string_view option) const { return get(option).has_value(); }

std::optional<std::string> Arguments::get(std::string_view option) const {
  for (auto at = options.rbegin(); at != options.rend(); ++at) {
    if (at->first == option) return at->second;
  }
  return std::nullopt;
}

std::vector<std::string> Arguments::all(std::string_view option) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : options) {
    if (name == option) values.push_back(value);
  }
  return values;
}

Result<Arguments> parse_arguments(const std::vector<std::string>& words, std::span<const OptionSpec> options) {
  const Poco::Util::OptionSet set = poco_options(options);
  Poco::Util::OptionProcessor processor{set};
  processor.setUnixStyle(true);
  Arguments arguments;
  for (const std::string& word : words) {
    try {
      std::string name;
      std::string value;
      if (!processor.process(word, name, value)) {
        arguments.files.push_back(word);
      } else if (!name.empty()) {
        arguments.options.emplace_back(std::move(name), std::move(value));
      }
    } catch (const Poco::Util::UnknownOptionException&) {
      return unknown_option(word, options);
    } catch (const Poco::Util::AmbiguousOptionException&) {
      return usage("\"" + word + "\" may mean more than one option; write it out");
    } catch (const Poco::Util::MissingArgumentException&) {
      return usage("option \"" + word + "\" needs a value");
    } catch (const Poco::Util::UnexpectedArgumentException&) {
      return usage("option \"" + word + "\" takes no value");
    } catch (const Poco::Exception& e) {
      return usage("cannot understand \"" + word + "\": " + e.displayText());
    }
  }
  try {
    processor.checkRequired();
  } catch (const Poco::Exception&) {
    return usage("option \"" + words.back() + "\" needs a value");
  }
  if (auto fault = repeated(arguments, options)) return *std::move(fault);
  return arguments;
}

std::string options_help(std::span<const OptionSpec> options) {
  std::string text;
  for (const OptionSpec& spec : options) {
    std::string line = std::string{"  --"} + spec.name;
    if (spec.argument != nullptr) line += std::string{" "} + spec.argument;
    line.append(line.size() < kHelpColumn - 1 ? kHelpColumn - line.size() : 2, ' ');
    std::istringstream doc{spec.doc};
    for (std::string word; doc >> word; line += word + " ") {
      if (line.size() + word.size() > kHelpWidth) {
        text += line.substr(0, line.size() - 1) + "\n";
        line.assign(kHelpColumn, ' ');
      }
    }
    text += line.substr(0, line.size() - 1) + "\n";
  }
  return text;
}

}  // namespace leeward
