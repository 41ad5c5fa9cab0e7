#include "core/load/dependency_line.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/utf8.hpp"
#include "core/load/spec_values.hpp"
#include "core/load/template_parser.hpp"

namespace leeward {

namespace {

struct Name {
  std::string_view id;
  std::uint32_t character;
};
using Names = std::vector<Name>;

constexpr std::string_view kEndsName = " \t\r\n,[]<>";

class LineParser {
 public:
  LineParser(const Json& line, Errors& errors) : line_(line), text_(line.string()), errors_(errors) {}

  /// The names between the arrows; empty if the line has a mistake.
  std::vector<Names> parse() {
    std::vector<Names> groups;
    for (;;) {
      Names names;
      if (!read_names(names)) return {};
      groups.push_back(std::move(names));
      skip_blanks();
      if (at_ == text_.size() && groups.size() > 1) return groups;
      if (!text_.substr(at_).starts_with(">>")) return fail("\">>\" is expected here"), std::vector<Names>{};
      at_ += 2;
    }
  }

 private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  bool read_names(Names& names) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != '[') return read_name(names);
    ++at_;
    for (;;) {
      if (!read_name(names)) return false;
      skip_blanks();
      const char next = at_ < text_.size() ? text_[at_] : '\0';
      if (next != ',' && next != ']') return fail("\",\" or \"]\" is expected here");
      ++at_;
      if (next == ']') return true;
    }
  }

  bool read_name(Names& names) {
    skip_blanks();
    const std::size_t end = std::min(text_.find_first_of(kEndsName, at_), text_.size());
    if (end == at_) return fail("a task id is expected here");
    characters_ += utf8_characters(text_.substr(counted_, at_ - counted_));
    counted_ = at_;
    names.push_back({text_.substr(at_, end - at_), static_cast<std::uint32_t>(characters_ + 1)});
    at_ = end;
    return true;
  }

  bool fail(std::string message) {
    if (!has_room(errors_)) return false;
    const auto character = static_cast<int>(utf8_characters(text_.substr(0, at_))) + 1;
    message = "at character " + std::to_string(character) + " of the line: " + message + ", as in \"a >> [b, c] >> d\"";
    errors_.push_back({"spec.dependency_syntax", std::move(message), place_in(line_, character)});
    return false;
  }

  Json line_;
  std::string_view text_;
  Errors& errors_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;     ///< bytes whose characters were counted
  std::size_t characters_ = 0;  ///< before counted_
};

}  // namespace

void parse_dependency_line(const Json& line, std::size_t limit, std::vector<EdgeSpec>& edges, Errors& errors) {
  const std::vector<Names> groups = LineParser{line, errors}.parse();
  for (std::size_t g = 1; g < groups.size(); ++g) {
    for (const Name& from : groups[g - 1]) {
      if (edges.size() + groups[g].size() > limit) {
        return add_error(errors, "spec.limit", "a DAG has at most " + std::to_string(limit) + " dependencies", line);
      }
      for (const Name& to : groups[g]) edges.push_back({from.id, to.id, line, from.character, to.character});
    }
  }
}

}  // namespace leeward
