#include "posix_case.hpp"

#include <locale.h>
#include <wctype.h>

#include <leeward/cpp/utf8.hpp>

#include "unicode.hpp"

namespace text_plugin {
namespace {

// The process's own locale is none of a plugin's business (R9), so the mapping is asked of a locale object. The one the
// system always has, "C", knows ASCII. Kept for the life of the process.
locale_t letters() {
  static const locale_t kLetters = [] {
    const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
    return unicode != locale_t{} ? unicode : ::newlocale(LC_CTYPE_MASK, "C", locale_t{});
  }();
  return kLetters;
}

std::string mapped(std::string_view text, wint_t (*map)(wint_t, locale_t)) {
  std::string out;
  out.reserve(text.size());
  for (Character next; !text.empty(); text.remove_prefix(next.length)) {
    next = first_character(text);
    leeward::sdk::append_code_point(out, map(static_cast<wint_t>(next.code), letters()));
  }
  return out;
}

}  // namespace

std::string upper(std::string_view text) { return mapped(text, &::towupper_l); }
std::string lower(std::string_view text) { return mapped(text, &::towlower_l); }

}  // namespace text_plugin
