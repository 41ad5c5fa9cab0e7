#include "host/secret/secret_scan.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace leeward {
namespace {

using Escape = EscapeDecoder::Kind;

/// The text of a JSON value is one level deeper than what it says: so each comes once more with JSON around it.
const std::initializer_list<Escape> kLenses[] = {{Escape::url},
                                                 {Escape::form},
                                                 {Escape::json},
                                                 {Escape::json, Escape::json},
                                                 {Escape::url, Escape::json},
                                                 {Escape::json, Escape::url},
                                                 {Escape::json, Escape::form},
                                                 {Escape::json, Escape::json, Escape::json},
                                                 {Escape::json, Escape::url, Escape::json},
                                                 {Escape::json, Escape::json, Escape::json, Escape::json}};

/// What a letter behind a backslash stands for, if that is no escape in its turn; else 0.
constexpr unsigned char plain_escape(unsigned char letter) noexcept {
  switch (letter) {
    case '"': return '"';
    case '/': return '/';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

constexpr bool may_escape(unsigned char byte) noexcept { return byte == '\\' || byte == '%' || byte == '+'; }

}  // namespace

void add_span(std::vector<MaskedSpan>& spans, MaskedSpan span) {
  if (spans.empty() || span.begin >= spans.back().end || span.end <= spans.back().begin) {
    spans.push_back(span);
  } else {
    spans.back() = {std::min(span.begin, spans.back().begin), std::max(span.end, spans.back().end)};
  }
}

SecretScan::SecretScan(std::shared_ptr<const PatternAutomaton> patterns, std::uint64_t at)
    : patterns_(std::move(patterns)), at_(at) {}

SecretScan::Lens::Lens(std::initializer_list<Escape> kinds) {
  for (const Escape kind : kinds) stages.emplace_back(kind);
}

bool SecretScan::Lens::wakes_at(unsigned char byte) const noexcept {
  return std::any_of(stages.begin(), stages.end(),
                     [&](const EscapeDecoder& stage) { return EscapeDecoder::escapes(stage.kind(), byte); });
}

bool SecretScan::Lens::idle() const noexcept {
  return std::all_of(stages.begin(), stages.end(), [](const EscapeDecoder& stage) { return stage.idle(); });
}

void SecretScan::Lens::decode(std::size_t stage, const DecodedByte* byte, DecodedBytes& out) {
  if (stage == stages.size()) {
    if (byte != nullptr) out.push(*byte);
    return;
  }
  DecodedBytes undone;
  byte != nullptr ? stages[stage].take(*byte, undone) : stages[stage].finish(undone);
  for (std::size_t i = 0; i < undone.size; ++i) decode(stage + 1, &undone.bytes[i], out);
  if (byte == nullptr) decode(stage + 1, nullptr, out);
}

/// REQUIRES: they have been decoded, or stand before the place where the lens woke.
std::uint64_t SecretScan::Lens::begin_of(std::size_t last_bytes) const noexcept {
  if (last_bytes > decoded) return woken_at - (last_bytes - decoded);
  return last_bytes == 0 ? UINT64_MAX : begins[(decoded - last_bytes) & (begins.size() - 1)];
}

void SecretScan::wake(Lens& lens) {
  lens.awake = true;
  ++awake_;
  lens.state = state_;
  lens.woken_at = at_;
  lens.decoded = 0;
  lens.plain = patterns_->longest();
  if (lens.begins.empty()) lens.begins.resize(std::bit_ceil(patterns_->longest()));
}

void SecretScan::take(std::string_view piece, std::vector<MaskedSpan>& found) {
  if (patterns_->empty()) {
    at_ += piece.size();
    return;
  }
  for (std::size_t i = 0; i < piece.size(); ++i) {
    if (state_ == PatternAutomaton::kStart && awake_ == 0) {
      const std::size_t skipped = harmless(piece.substr(i));
      at_ += skipped;
      i += skipped;
    }
    const auto byte = static_cast<unsigned char>(piece[i]);
    if (awake_ > 0 || may_escape(byte)) {
      if (lenses_.empty()) {
        for (const auto& kinds : kLenses) lenses_.emplace_back(kinds);
      }
      for (Lens& lens : lenses_) look(lens, byte, found);
    }
    state_ = patterns_->next(state_, byte);
    ++at_;
    if (const std::size_t length = patterns_->matched(state_)) add_span(found, {at_ - length, at_});
    if (awake_ > 0) {
      for (Lens& lens : lenses_) sleep_if_equal(lens);
    }
  }
}

/// Whether a pattern may begin with the two bytes, if the second is perhaps the beginning of an escape.
bool SecretScan::may_begin(unsigned char first, unsigned char second) const noexcept {
  return patterns_->begins_with(first, second) || (may_escape(second) && patterns_->next(0, first) != 0);
}

/// How many bytes can be passed over where nothing has begun: plain ones, and the usual escapes of JSON, with which no
/// pattern begins, read in whichever way. Never the last ones: what follows them is not known.
std::size_t SecretScan::harmless(std::string_view text) const noexcept {
  std::size_t i = 0;
  while (i + 2 < text.size()) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto second = static_cast<unsigned char>(text[i + 1]);
    if (may_begin(byte, second)) break;
    if (!may_escape(byte)) {
      ++i;
      continue;
    }
    const unsigned char meant = byte == '\\' ? plain_escape(second) : 0;
    const auto third = static_cast<unsigned char>(text[i + 2]);
    if (meant == 0 || may_begin(second, third) || may_begin(meant, third)) break;
    i += 2;
  }
  return i;
}

void SecretScan::look(Lens& lens, unsigned char byte, std::vector<MaskedSpan>& found) {
  if (!lens.awake) {
    if (!lens.wakes_at(byte)) return;
    wake(lens);
  }
  DecodedBytes decoded;
  const DecodedByte plain{byte, at_, at_ + 1};
  lens.decode(0, &plain, decoded);
  step(lens, decoded, found);
}

void SecretScan::step(Lens& lens, const DecodedBytes& decoded, std::vector<MaskedSpan>& found) {
  for (std::size_t i = 0; i < decoded.size; ++i) {
    const DecodedByte& byte = decoded.bytes[i];
    lens.state = patterns_->next(lens.state, byte.byte);
    lens.begins[lens.decoded++ & (lens.begins.size() - 1)] = byte.begin;
    lens.plain = byte.plain() ? lens.plain + 1 : 0;
    if (const std::size_t length = patterns_->matched(lens.state)) add_span(found, {lens.begin_of(length), byte.end});
  }
}

/// From here on it would see what the plain text's state sees.
void SecretScan::sleep_if_equal(Lens& lens) {
  if (!lens.awake || lens.state != state_ || !lens.idle()) return;
  if (lens.plain < patterns_->depth(state_)) return;
  lens.awake = false;
  --awake_;
}

void SecretScan::finish(std::vector<MaskedSpan>& found) {
  for (Lens& lens : lenses_) {
    if (!lens.awake) continue;
    DecodedBytes decoded;
    lens.decode(0, nullptr, decoded);
    step(lens, decoded, found);
  }
}

std::uint64_t SecretScan::decided() const noexcept {
  if (patterns_->empty()) return at_;
  std::uint64_t decided = at_ - patterns_->begun(state_);
  for (const Lens& lens : lenses_) {
    if (!lens.awake) continue;
    decided = std::min(decided, lens.begin_of(patterns_->begun(lens.state)));
    for (const EscapeDecoder& stage : lens.stages) {
      if (!stage.idle()) decided = std::min(decided, stage.begin());
    }
  }
  return decided;
}

}  // namespace leeward
