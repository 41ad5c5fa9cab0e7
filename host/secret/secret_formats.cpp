#include "host/secret/secret_formats.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/base/ascii.hpp"

namespace leeward {
namespace {

constexpr std::string_view kBeginPem = "-----BEGIN ";
constexpr std::string_view kPemLabel = "PRIVATE KEY-----";
constexpr std::string_view kEndPem = "-----END ";
constexpr std::size_t kLongestPemLine = 64;
constexpr std::size_t kLongestPem = 16384;
constexpr std::size_t kLongestWord = 4096;

constexpr bool is_word(char c) noexcept { return is_alnum(c) || c == '_' || c == '-'; }

template <class Is>
bool all(std::string_view text, Is is) {
  return std::all_of(text.begin(), text.end(), is);
}

/// A stretch of letters and digits, a digit among them: what keys have and names joined by dashes do not.
bool has_random_part(std::string_view text, std::size_t length) {
  std::size_t run = 0;
  bool digit = false;
  for (const char c : text) {
    run = is_alnum(c) ? run + 1 : 0;
    digit = run > 0 && (digit || is_digit(c));
    if (run >= length && digit) return true;
  }
  return false;
}

bool is_aws(std::string_view word) {
  return word.size() == 20 && all(word, [](char c) { return is_upper(c) || is_digit(c); });
}
bool is_github(std::string_view word) { return word.size() >= 40 && all(word.substr(4), is_alnum); }
bool is_github_pat(std::string_view word) { return word.size() >= 50 && has_random_part(word.substr(11), 16); }
bool is_openai(std::string_view word) { return word.size() >= 23 && has_random_part(word.substr(3), 16); }
bool is_slack(std::string_view word) { return word.size() >= 20 && has_random_part(word.substr(5), 8); }
bool is_google(std::string_view word) { return word.size() == 39; }

/// Three parts in base64url, of which the first two are JSON objects: these begin with eyJ.
bool is_jwt(std::string_view word) {
  while (word.ends_with('.')) word.remove_suffix(1);
  const std::size_t first = word.find('.');
  if (first == std::string_view::npos || first < 12) return false;
  const std::size_t second = word.find('.', first + 1);
  if (second == std::string_view::npos || second < first + 8) return false;
  const std::string_view signature = word.substr(second + 1);
  return word.substr(first + 1).starts_with("eyJ") && signature.size() >= 16 && all(signature, is_word);
}

struct Format {
  std::string_view prefix;
  bool (*fits)(std::string_view word);
};
constexpr std::array kFormats = {
    Format{"AKIA", is_aws},    Format{"ASIA", is_aws},    Format{"ghp_", is_github},
    Format{"gho_", is_github}, Format{"ghu_", is_github}, Format{"ghs_", is_github},
    Format{"ghr_", is_github}, Format{"sk-", is_openai},  Format{"github_pat_", is_github_pat},
    Format{"xoxa-", is_slack}, Format{"xoxb-", is_slack}, Format{"xoxe-", is_slack},
    Format{"xoxo-", is_slack}, Format{"xoxp-", is_slack}, Format{"xoxr-", is_slack},
    Format{"xoxs-", is_slack}, Format{"AIza", is_google}, Format{"eyJ", is_jwt},
};

bool may_begin_format(std::string_view word) {
  return std::any_of(kFormats.begin(), kFormats.end(), [&](const Format& format) {
    const std::size_t n = std::min(word.size(), format.prefix.size());
    return word.substr(0, n) == format.prefix.substr(0, n);
  });
}

bool is_format(std::string_view word) {
  return std::any_of(kFormats.begin(), kFormats.end(),
                     [&](const Format& format) { return word.starts_with(format.prefix) && format.fits(word); });
}

enum class Kind : std::uint8_t { other, in_word, begins_format };

constexpr std::array<Kind, 256> kinds() {
  std::array<Kind, 256> kinds{};
  for (int c = 0; c < 256; ++c) {
    if (is_word(static_cast<char>(c))) kinds[static_cast<std::size_t>(c)] = Kind::in_word;
  }
  for (const Format& format : kFormats) kinds[static_cast<unsigned char>(format.prefix[0])] = Kind::begins_format;
  kinds['-'] = Kind::begins_format;  // a private key's first line
  return kinds;
}
constexpr std::array<Kind, 256> kKinds = kinds();

/// "-----BEGIN RSA PRIVATE KEY-----", or a beginning of it.
bool may_begin_pem(std::string_view line) {
  const std::size_t n = std::min(line.size(), kBeginPem.size());
  if (line.substr(0, n) != kBeginPem.substr(0, n)) return false;
  return line.size() <= kLongestPemLine &&
         all(line.substr(n), [](char c) { return is_upper(c) || c == ' ' || c == '-'; });
}

/// Also as JSON writes it, with \n for the ends of lines.
constexpr bool is_in_pem(char c) noexcept {
  constexpr std::string_view kOthers = "+/=-\\ \t\r\n:,.";
  return is_alnum(c) || kOthers.find(c) != std::string_view::npos;
}

bool ends_pem(std::string_view text) {
  const std::size_t end = text.rfind(kEndPem);
  return end != std::string_view::npos && text.ends_with(kPemLabel) && text.size() - end <= kLongestPemLine;
}

}  // namespace

void SecretFormats::take(std::string_view piece, std::vector<MaskedSpan>& found) {
  for (const char c : piece) {
    if (place_ == Place::between || place_ == Place::other_word) {  // nearly always
      const auto kind = kKinds[static_cast<unsigned char>(c)];
      if (kind == Kind::other) {
        place_ = Place::between;
      } else if (place_ == Place::between && kind == Kind::begins_format) {
        begin_word(c);
      } else {
        place_ = Place::other_word;
      }
    } else {
      take(c, found);
    }
    ++at_;
  }
}

void SecretFormats::take(char c, std::vector<MaskedSpan>& found) {
  switch (place_) {
    case Place::between:
    case Place::other_word: return;
    case Place::too_long:
      if (is_word(c)) return add_span(found, {begin_, at_ + 1});
      place_ = Place::between;
      return;
    case Place::candidate: return take_candidate(c, found);
    case Place::private_key: return take_private_key(c, found);
  }
}

void SecretFormats::begin_word(char c) {
  word_.assign(1, c);
  begin_ = at_;
  place_ = Place::candidate;
}

void SecretFormats::take_candidate(char c, std::vector<MaskedSpan>& found) {
  const bool pem = word_.front() == '-';
  const bool jwt = word_.starts_with("eyJ");
  if (pem ? may_begin_pem(word_ + c) : is_word(c) || (jwt && c == '.')) {
    word_ += c;
    if (pem && word_.ends_with(kPemLabel)) {
      add_span(found, {begin_, at_ + 1});
      place_ = Place::private_key;
      word_.clear();
    } else if (!pem && !may_begin_format(word_)) {
      place_ = Place::other_word;
    } else if (word_.size() > kLongestWord) {
      const bool fits = is_format(word_);
      if (fits) add_span(found, {begin_, at_ + 1});
      place_ = fits ? Place::too_long : Place::other_word;
    }
    return;
  }
  if (!pem && is_format(word_)) add_span(found, {begin_, at_});
  place_ = is_word(c) ? Place::other_word : Place::between;
}

/// The last bytes of it are in word_: they tell where it ends.
void SecretFormats::take_private_key(char c, std::vector<MaskedSpan>& found) {
  if (!is_in_pem(c) || at_ - begin_ > kLongestPem) {
    place_ = Place::between;
    return;
  }
  add_span(found, {begin_, at_ + 1});
  word_ += c;
  if (word_.size() > 2 * kLongestPemLine) word_.erase(0, kLongestPemLine);
  if (c == '-' && ends_pem(word_)) place_ = Place::between;
}

void SecretFormats::finish(std::vector<MaskedSpan>& found) {
  if (place_ == Place::candidate && is_format(word_)) add_span(found, {begin_, at_});
  if (place_ != Place::private_key) place_ = Place::between;
}

std::uint64_t SecretFormats::decided() const noexcept { return place_ == Place::candidate ? begin_ : at_; }

}  // namespace leeward
