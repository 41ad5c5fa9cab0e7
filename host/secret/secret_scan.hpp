#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "host/secret/escape_decoder.hpp"
#include "host/secret/pattern_automaton.hpp"

namespace leeward {

/// A stretch of a text that is to be masked, [begin, end) in bytes from its beginning.
struct MaskedSpan {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Adds a span, joined with the last one where they overlap.
void add_span(std::vector<MaskedSpan>& spans, MaskedSpan span);

/// Looks for an automaton's patterns in a text that comes in pieces, as it stands and with its escapes undone: of URLs,
/// of forms, of JSON, and of these within each other. What it finds does not depend on where the pieces end. Used by
/// one thread.
///
/// Each way of undoing escapes (a lens) follows the text with a state of its own. One that has met no escape lately is
/// in the same state as the plain text's, so it sleeps until the next one: a text without escapes costs one look-up for
/// each byte.
class SecretScan {
 public:
  /// `at`: where in the text it begins to look.
  explicit SecretScan(std::shared_ptr<const PatternAutomaton> patterns, std::uint64_t at = 0);

  /// Appends what ends within the piece. Not sorted, and parts may overlap.
  void take(std::string_view piece, std::vector<MaskedSpan>& found);
  /// The same at the end of the text.
  void finish(std::vector<MaskedSpan>& found);
  /// Everything before is decided: no pattern that begins there can still be found.
  [[nodiscard]] std::uint64_t decided() const noexcept;

 private:
  /// One way to read the text, through some decoders in a row.
  struct Lens {
    Lens(std::initializer_list<EscapeDecoder::Kind> kinds);
    [[nodiscard]] bool wakes_at(unsigned char byte) const noexcept;
    [[nodiscard]] std::uint64_t begin_of(std::size_t last_bytes) const noexcept;
    /// What a byte, or with null the end, comes to behind the stages from `stage` on.
    void decode(std::size_t stage, const DecodedByte* byte, DecodedBytes& out);
    [[nodiscard]] bool idle() const noexcept;

    std::vector<EscapeDecoder> stages;
    bool awake = false;
    PatternAutomaton::State state = PatternAutomaton::kStart;
    std::uint64_t woken_at = 0;         ///< before it, decoded and source are the same
    std::uint64_t decoded = 0;          ///< bytes since then
    std::uint64_t plain = 0;            ///< bytes since the last escape
    std::vector<std::uint64_t> begins;  ///< of the last decoded bytes, a ring; made when it first wakes
  };

  [[nodiscard]] std::size_t harmless(std::string_view text) const noexcept;
  [[nodiscard]] bool may_begin(unsigned char first, unsigned char second) const noexcept;
  void wake(Lens& lens);
  void look(Lens& lens, unsigned char byte, std::vector<MaskedSpan>& found);
  void step(Lens& lens, const DecodedBytes& decoded, std::vector<MaskedSpan>& found);
  void sleep_if_equal(Lens& lens);

  std::shared_ptr<const PatternAutomaton> patterns_;
  PatternAutomaton::State state_ = PatternAutomaton::kStart;
  std::uint64_t at_;  ///< the next byte's place
  std::vector<Lens> lenses_;
  int awake_ = 0;
};

}  // namespace leeward
