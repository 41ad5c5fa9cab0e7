#include "host/app/question_details.hpp"

#include <cstddef>

#include "host/app/shell_word.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

constexpr std::size_t kMostLines = 30;
constexpr std::size_t kMostColumns = 200;

void add_body(std::string_view body, std::vector<std::string>& lines) {
  while (!body.empty()) {
    if (lines.size() == kMostLines) {
      lines.push_back("  | ... and more: leeward runs waiting --json shows all of it");
      return;
    }
    const std::size_t end = body.find('\n');
    lines.push_back("  | " + shortened(printable(body.substr(0, end)), kMostColumns));
    body.remove_prefix(end == body.npos ? body.size() : end + 1);
  }
}

}  // namespace

std::vector<std::string> question_details(std::string_view body, const Json& form) {
  std::vector<std::string> lines;
  add_body(body, lines);
  for (const Json field : form) {
    lines.push_back(shortened(printable("  field " + std::string{field.key()} + ", now " + std::string{field.text()} +
                                        ": --set " + shell_word(std::string{field.key()} + "=VALUE")),
                              kMostColumns));
  }
  return lines;
}

}  // namespace leeward
