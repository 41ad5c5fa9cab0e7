#include "core/base/regex.hpp"

#include <re2/re2.h>

#include "core/base/json.hpp"

namespace leeward {

struct Regex::Impl {
  Impl(std::string_view pattern, const RE2::Options& options)
      : re(re2::StringPiece(pattern.data(), pattern.size()), options) {}
  RE2 re;
};

Result<Regex> Regex::compile(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);  // RE2 would write to standard error
  auto impl = std::make_shared<const Impl>(pattern, options);
  if (impl->re.ok()) return Regex(std::move(impl));
  std::string message = "the regular expression " + json_excerpt(pattern) + " is invalid: " + impl->re.error();
  const bool perl_only = impl->re.error_code() == RE2::ErrorBadPerlOp ||
                         (impl->re.error_code() == RE2::ErrorBadEscape && impl->re.error_arg().size() == 2 &&
                          impl->re.error_arg()[1] >= '1' && impl->re.error_arg()[1] <= '9');
  if (perl_only) message += " (RE2 knows neither look-around nor back-references)";
  return Error{"regex.invalid", std::move(message)};
}

bool Regex::search(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), impl_->re);
}

}  // namespace leeward
