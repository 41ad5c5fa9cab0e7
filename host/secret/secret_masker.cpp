#include "host/secret/secret_masker.hpp"

#include <algorithm>
#include <utility>

#include "core/base/json.hpp"
#include "host/secret/secret_encodings.hpp"
#include "host/secret/secret_formats.hpp"
#include "host/secret/secret_stream.hpp"

namespace leeward {
namespace {

/// A line of a secret of several lines that is worth finding on its own: programs print them one by one.
constexpr std::size_t kShortestLine = 16;

std::vector<std::string> lines_of(const std::string& secret) {
  std::vector<std::string> lines;
  std::string_view left = secret;
  while (left.find('\n') != std::string_view::npos || !lines.empty()) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    std::string_view line = left.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() >= kShortestLine) lines.emplace_back(line);
    if (end == left.size()) break;
    left.remove_prefix(end + 1);
  }
  return lines;
}

std::shared_ptr<const PatternAutomaton> compiled(const std::vector<std::string>& secrets) {
  std::vector<std::string> patterns;
  const auto add = [&](const std::string& secret) {
    for (std::string& pattern : encodings_of(secret)) patterns.push_back(std::move(pattern));
  };
  for (const std::string& secret : secrets) {
    add(secret);
    for (const std::string& line : lines_of(secret)) add(line);
  }
  return std::make_shared<const PatternAutomaton>(patterns);
}

std::vector<MaskedSpan> spans_in(std::string_view text, const std::shared_ptr<const PatternAutomaton>& patterns,
                                 Formats formats, bool* inside_key) {
  std::vector<MaskedSpan> found;
  SecretScan scan{patterns};
  scan.take(text, found);
  scan.finish(found);
  if (formats == Formats::yes) {
    SecretFormats known;
    if (inside_key != nullptr && *inside_key) known.begin_inside_private_key();
    known.take(text, found);
    if (inside_key != nullptr) *inside_key = known.inside_private_key();
    known.finish(found);
  }
  join_spans(found);
  return found;
}

void replace(std::string& text, const std::vector<MaskedSpan>& spans) {
  std::string out;
  std::size_t shown = 0;
  for (const MaskedSpan& span : spans) {
    out.append(text, shown, span.begin - shown).append(kMask);
    shown = span.end;
  }
  text = std::move(out.append(text, shown));
}

constexpr bool is_structure(char c) noexcept {
  constexpr std::string_view kStructure = "{}[]:, \t\r\n\"";
  return kStructure.find(c) != std::string_view::npos;
}

/// Bytes of the character, or of the escape for one, that stands there inside a JSON string. REQUIRES: valid JSON.
std::size_t character_at(std::string_view inside, std::size_t at) noexcept {
  if (inside[at] != '\\') return std::max<std::size_t>(utf8_sequence(inside.substr(at)), 1);
  if (inside[at + 1] != 'u') return 2;
  const bool pair = (inside[at + 2] == 'd' || inside[at + 2] == 'D') && inside[at + 3] >= '8';
  return pair ? 12 : 6;
}

}  // namespace

SecretMasker::SecretMasker(const std::vector<std::string>& secrets) : patterns_(compiled(secrets)) {}

Status SecretMasker::check(std::string_view secret) {
  if (secret.size() < kShortestSecret) {
    return Error{"secret.too_short", "it has " + std::to_string(secret.size()) + " bytes; a secret needs at least " +
                                         std::to_string(kShortestSecret) +
                                         ", so that it can be told from other text and masked"};
  }
  if (secret.size() > kLongestSecret) {
    return Error{"secret.too_long", "it has " + std::to_string(secret.size()) + " bytes; a secret has at most " +
                                        std::to_string(kLongestSecret)};
  }
  if (!is_utf8(secret)) return Error{"secret.not_text", "it is not valid UTF-8; encode it, in base64 for instance"};
  return done();
}

bool SecretMasker::finds(std::string_view text, Formats formats) const {
  if (empty() && formats == Formats::no) return false;
  return !spans_in(text, patterns_, formats, nullptr).empty();
}

bool SecretMasker::mask(std::string& text, Formats formats, bool* inside_key) const {
  if (empty() && formats == Formats::no) return false;
  const std::vector<MaskedSpan> spans = spans_in(text, patterns_, formats, inside_key);
  if (spans.empty()) return false;
  replace(text, spans);
  return true;
}

/// What is taken out begins and ends between two characters: half an escape would be no JSON.
bool SecretMasker::mask_inside_json_string(std::string& inside, Formats formats) const {
  std::vector<MaskedSpan> spans = spans_in(inside, patterns_, formats, nullptr);
  if (spans.empty()) return false;
  std::size_t begin = 0;
  std::size_t end = 0;
  const auto forward_to = [&](std::uint64_t place) {
    while (end <= place && end < inside.size()) {
      begin = end;
      end += character_at(inside, begin);
    }
  };
  for (MaskedSpan& span : spans) {
    forward_to(span.begin);
    span.begin = std::min<std::uint64_t>(span.begin, begin);
    forward_to(span.end - 1);
    span.end = std::max<std::uint64_t>(span.end, end);
  }
  join_spans(spans);
  replace(inside, spans);
  return true;
}

std::optional<std::string> SecretMasker::masked_json(std::string_view json, Formats formats) const {
  if (!finds(json, formats)) return std::nullopt;
  std::string out;
  for (std::size_t at = 0; at < json.size();) {
    std::size_t end = at + 1;
    if (json[at] == '"') {
      while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      std::string inside{json.substr(at + 1, end - at - 1)};
      mask_inside_json_string(inside, formats);
      out.append(1, '"').append(inside).append(1, '"');
      ++end;
    } else if (!is_structure(json[at])) {
      while (end < json.size() && !is_structure(json[end])) ++end;
      const std::string_view number = json.substr(at, end - at);
      const bool secret = number.size() >= kShortestSecret && finds(number, formats);
      out.append(secret ? json_quote(kMask) : std::string{number});
    } else {
      out += json[at];
    }
    at = end;
  }
  // Two keys may have become one, and a secret may reach over several values.
  const JsonLimits limits{json.size() + 1, json.size() + 1, JsonLimits{}.max_depth};
  if (is_json(out, limits) && !finds(out, Formats::no)) return out;
  return json.find_first_not_of(" \t\r\n") == json.find('{') ? R"({"***":"***"})" : R"("***")";
}

void SecretMasker::mask_any(std::string& text) const {
  if (!finds(text, Formats::no)) return;
  const JsonLimits limits{text.size() + 1, text.size() + 1, JsonLimits{}.max_depth};
  if (!is_json(text, limits)) {
    mask(text, Formats::no);
  } else if (auto masked = masked_json(text, Formats::no)) {
    text = *std::move(masked);
  }
}

}  // namespace leeward
