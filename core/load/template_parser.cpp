#include "core/load/template_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "core/base/ascii.hpp"
#include "core/base/suggestion.hpp"
#include "core/base/utf8.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"
#include "core/model/template_filters.hpp"
#include "core/model/template_format.hpp"

namespace leeward {

namespace {

constexpr std::string_view kForLiteral = "; for a literal brace write {{";
constexpr std::size_t kLongestFormat = 64;  // characters after the colon

/// Filters that people know from Jinja under another word, and what to write here.
constexpr std::array kJinjaFilters{
    std::pair<std::string_view, std::string_view>{"count", "\"length\" here"},
    std::pair<std::string_view, std::string_view>{"d", "\"default\" here"},
    std::pair<std::string_view, std::string_view>{"format", "a format behind a colon here: {price:.2f}"},
    std::pair<std::string_view, std::string_view>{"items", "\"keys\" and \"values\" here"},
    std::pair<std::string_view, std::string_view>{"map", "\"pluck(field)\" here"},
    std::pair<std::string_view, std::string_view>{"strip", "\"trim\" here"},
    std::pair<std::string_view, std::string_view>{"tojson", "\"json\" here"},
};

constexpr bool begins_word(char c) { return is_letter(c) || c == '_'; }
constexpr bool is_word(char c) { return begins_word(c) || is_digit(c) || c == '-'; }

class TemplateParser {
 public:
  TemplateParser(std::string_view text, Errors& errors) : text_(text), errors_(errors) {}

  Template parse() {
    const std::size_t known = errors_.size();
    while (at_ < text_.size() && errors_.size() < known + kMaxMistakesInText) {
      const std::size_t brace = std::min(text_.find_first_of("{}", at_), text_.size());
      literal_ += text_.substr(at_, brace - at_);
      at_ = brace;
      if (at_ == text_.size()) break;
      if (text_[at_] == '}') {
        close_literal();
      } else if (next_is("{{")) {
        open_literal("{{");
      } else if (opens_placeholder()) {
        read_placeholder();
      } else {
        open_literal("{");
      }
    }
    flush_literal();
    return std::move(result_);
  }

 private:
  // ---- literal braces: a stack of how each open one was written tells what '}}' means ----

  void open_literal(std::string_view written) {
    open_braces_.push_back(written.size() == 2);
    literal_ += '{';
    at_ += written.size();
  }

  void close_literal() {
    const bool opened_alone = !open_braces_.empty() && !open_braces_.back();
    const bool twice = !opened_alone && next_is("}}");
    if (!open_braces_.empty() && (opened_alone || twice)) open_braces_.pop_back();
    literal_ += '}';
    at_ += twice ? 2 : 1;
  }

  void flush_literal() {
    if (!literal_.empty()) result_.pieces.emplace_back(std::exchange(literal_, {}));
  }

  // ---- placeholders ----

  [[nodiscard]] bool next_is(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  /// REQUIRES: a '{' is next.
  [[nodiscard]] bool opens_placeholder() const {
    std::size_t i = at_ + 1;
    if (i >= text_.size() || !begins_word(text_[i])) return false;
    while (i < text_.size() && is_word(text_[i])) ++i;
    if (i < text_.size() && text_[i] == ':' && text_.substr(i + 1, 1).find_first_of(" \t\r\n") == 0) {
      const std::string_view spec = text_.substr(i + 1, kLongestFormat);  // or prose with many colons takes for ever
      const std::size_t end = spec.find('}');
      return end != std::string_view::npos && FormatSpec::parse(spec.substr(0, end)).has_value();
    }
    while (i < text_.size() && text_[i] == ' ') ++i;
    if (i >= text_.size()) return false;
    return text_[i] == '|' ||
           (is_word(text_[i - 1]) && std::string_view{".[:}"}.find(text_[i]) != std::string_view::npos);
  }

  void read_placeholder() {
    const std::size_t begin = at_;
    const std::size_t known = errors_.size();
    ++at_;
    Placeholder placeholder;
    placeholder.name = read_word();
    if (read_path(placeholder) && read_filters(placeholder) && read_format(placeholder) && !take('}')) {
      fail(begin, "template.syntax", "this placeholder is not closed: a '}' is missing" + std::string{kForLiteral});
    }
    if (errors_.size() > known) {
      at_ = std::min(text_.find('}', at_), text_.size() - 1) + 1;
      return;
    }
    placeholder.source = std::string{text_.substr(begin, at_ - begin)};
    flush_literal();
    result_.pieces.emplace_back(std::move(placeholder));
  }

  std::string read_word() {
    const std::size_t begin = at_;
    while (is_word(peek()) && at_ < text_.size()) ++at_;
    return std::string{text_.substr(begin, at_ - begin)};
  }

  bool read_path(Placeholder& placeholder) {
    for (;;) {
      const std::size_t begin = at_;
      if (take('.')) {
        std::string field = read_word();
        if (field.empty())
          return fail(begin, "template.syntax", "a field's name is expected after the '.'" + std::string{kForLiteral});
        placeholder.path.emplace_back(std::move(field));
      } else if (take('[')) {
        const std::size_t end = text_.find(']', at_);
        if (end == std::string_view::npos) return fail(begin, "template.syntax", "this '[' is not closed");
        if (end == at_) return fail(begin, "template.syntax", "an index or a field's name is expected in '[]'");
        placeholder.path.push_back(step(text_.substr(at_, end - at_)));
        at_ = end + 1;
      } else {
        return true;
      }
    }
  }

  static Placeholder::Step step(std::string_view inside) {
    std::int64_t index = 0;
    const auto read = std::from_chars(inside.data(), inside.data() + inside.size(), index);
    if (read.ec == std::errc{} && read.ptr == inside.data() + inside.size()) return index;
    const bool quoted =
        inside.size() >= 2 && inside.front() == inside.back() && (inside[0] == '"' || inside[0] == '\'');
    return std::string{quoted ? inside.substr(1, inside.size() - 2) : inside};
  }

  bool read_filters(Placeholder& placeholder) {
    for (;;) {
      const std::size_t before = at_;
      skip_blanks();
      if (!take('|')) {
        if (placeholder.filters.empty()) at_ = before;
        return true;
      }
      skip_blanks();
      const std::size_t begin = at_;
      Placeholder::Filter filter{read_word(), {}};
      const FilterInfo* info = find_filter(filter.name);
      if (info == nullptr) return unknown_filter(begin, filter.name);
      if (take('(') && !read_arguments(filter)) return false;
      if (filter.arguments.size() < info->min_arguments || filter.arguments.size() > info->max_arguments) {
        return fail(begin, "template.syntax", "the filter is used as " + std::string{info->usage});
      }
      placeholder.filters.push_back(std::move(filter));
    }
  }

  bool unknown_filter(std::size_t begin, const std::string& name) {
    if (name.empty())
      return fail(begin, "template.syntax", "a filter's name is expected after the '|'" + std::string{kForLiteral});
    const auto jinja =
        std::find_if(kJinjaFilters.begin(), kJinjaFilters.end(), [&](auto& f) { return f.first == name; });
    if (jinja != kJinjaFilters.end()) {
      return fail(begin, "template.unknown_filter", "no filter \"" + name + "\"; it is " + std::string{jinja->second});
    }
    std::vector<std::string> names;
    for (const FilterInfo& info : template_filters()) names.emplace_back(info.name);
    return fail(begin, "template.unknown_filter", "no filter \"" + name + "\"" + did_you_mean(name, names));
  }

  bool read_arguments(Placeholder::Filter& filter) {
    skip_blanks();
    if (take(')')) return true;
    for (;;) {
      skip_blanks();
      const std::size_t begin = at_;
      std::string json = peek() == '"' || peek() == '\'' ? read_quoted() : read_bare();
      if (json.empty() || !is_json(json)) {
        return fail(begin, "template.syntax", "a filter's argument is a text in quotes, a number, true, false or null");
      }
      filter.arguments.emplace_back(std::move(json));
      skip_blanks();
      if (take(')')) return true;
      if (!take(',')) return fail(at_, "template.syntax", "a ',' or a ')' is expected here");
    }
  }

  std::string read_bare() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_word(peek()) || peek() == '.' || peek() == '+')) ++at_;
    return std::string{text_.substr(begin, at_ - begin)};
  }

  /// A quoted text as a JSON string; empty if it does not end. Backslashes mean what they mean in JSON.
  std::string read_quoted() {
    const char quote = text_[at_++];
    std::string out = "\"";
    while (at_ < text_.size() && text_[at_] != quote) {
      const char c = text_[at_++];
      if (c == '\\' && at_ < text_.size()) {
        if (text_[at_] != '\'') out += c;
        out += text_[at_++];
      } else if (c == '"') {
        out += "\\\"";
      } else if (static_cast<unsigned char>(c) < 0x20) {
        const std::string escaped = json_quote({&c, 1});
        out += escaped.substr(1, escaped.size() - 2);
      } else {
        out += c;
      }
    }
    return take(quote) ? out + '"' : std::string{};
  }

  bool read_format(Placeholder& placeholder) {
    const std::size_t begin = at_;
    if (!take(':')) return true;
    const std::size_t end = std::min(text_.find('}', at_), text_.size());
    placeholder.format = std::string{text_.substr(at_, end - at_)};
    at_ = end;
    if (FormatSpec::parse(placeholder.format)) return true;
    const bool filter_behind = placeholder.format.find('|') != std::string::npos;
    return fail(begin, "template.format",
                "\":" + placeholder.format + "\" is no format" +
                    (filter_behind ? std::string{"; filters stand before the ':'"}
                                   : "; expected one like :.2f, :>10 or :," + std::string{kForLiteral}));
  }

  bool fail(std::size_t offset, std::string code, std::string message) {
    Where where;
    where.line = 1;
    where.column = static_cast<int>(utf8_characters(text_.substr(0, offset))) + 1;
    errors_.push_back({std::move(code), std::move(message), std::move(where)});
    return false;
  }

  std::string_view text_;
  Errors& errors_;
  std::size_t at_ = 0;
  std::string literal_;
  std::vector<bool> open_braces_;  ///< true: written twice
  Template result_;
};

}  // namespace

Template parse_template(std::string_view text, Errors& errors) { return TemplateParser{text, errors}.parse(); }

Result<Template> parse_template(std::string_view text) {
  Errors errors;
  Template parsed = parse_template(text, errors);
  if (!errors.empty()) return std::move(errors.front());
  return parsed;
}

Template parse_template(const Json& string, Errors& errors) {
  if (!has_room(errors)) return {};
  const std::size_t known = errors.size();
  Template parsed = parse_template(string.string(), errors);
  for (std::size_t e = known; e < errors.size(); ++e) {
    errors[e].message = "at character " + std::to_string(errors[e].where.column) + " of the text: " + errors[e].message;
    errors[e].where = place_in(string, errors[e].where.column);
  }
  return parsed;
}

bool is_undecided(const Json& value) {
  if (!value.is_string() || value.string().find('{') == std::string_view::npos) return false;
  Errors ignored;
  const Template parsed = parse_template(value.string(), ignored);
  return !ignored.empty() || !parsed.is_literal();
}

bool is_template_name(std::string_view text) noexcept {
  return !text.empty() && begins_word(text.front()) && std::all_of(text.begin(), text.end(), is_word);
}

Where place_in(const Json& string, int character) {
  Where where = string.where();
  std::string_view raw = string.text().substr(1);
  ++where.column;
  while (--character > 0 && !raw.empty()) {
    std::size_t bytes = std::max<std::size_t>(utf8_sequence(raw), 1);
    int characters = 1;
    if (raw.starts_with("\\u")) {
      const bool pair = raw.substr(2, 1).find_first_of("dD") == 0 && raw.substr(3, 1).find_first_of("89abAB") == 0;
      bytes = pair ? 12 : 6;
      characters = static_cast<int>(bytes);
    } else if (raw.front() == '\\') {
      bytes = 2;
      characters = 2;
    }
    where.column += characters;
    raw.remove_prefix(std::min(bytes, raw.size()));
  }
  return where;
}

}  // namespace leeward
