#include "host/secret/secret_stream.hpp"

#include <algorithm>

namespace leeward {

void join_spans(std::vector<MaskedSpan>& spans) {
  std::sort(spans.begin(), spans.end(), [](const MaskedSpan& a, const MaskedSpan& b) { return a.begin < b.begin; });
  std::vector<MaskedSpan> joined;
  for (const MaskedSpan& span : spans) add_span(joined, span);
  spans = std::move(joined);
}

SecretStream::SecretStream(const SecretMasker& masker, Formats formats)
    : patterns_(masker.patterns()), formats_(formats), scan_(patterns_) {}

std::string SecretStream::piece(std::string_view piece) {
  if (patterns_->empty() && formats_ == Formats::no) return std::string{piece};
  kept_.append(piece);
  scan_.take(piece, found_);
  std::uint64_t decided = scan_.decided();
  if (formats_ == Formats::yes) {
    known_.take(piece, found_);
    decided = std::min(decided, known_.decided());
  }
  return show(decided);
}

std::string SecretStream::rest() {
  scan_.finish(found_);
  known_.finish(found_);
  return show(shown_ + kept_.size());
}

void SecretStream::use(const SecretMasker& masker) {
  if (masker.patterns() == patterns_) return;
  patterns_ = masker.patterns();
  scan_ = SecretScan{patterns_, shown_};
  scan_.take(kept_, found_);
}

/// Gives the text up to a place that no later find begins before.
std::string SecretStream::show(std::uint64_t decided) {
  join_spans(found_);
  const std::uint64_t kept_from = shown_;
  std::string out;
  const auto show_to = [&](std::uint64_t place) {
    if (place <= shown_) return;
    out.append(kept_, shown_ - kept_from, place - shown_);
    shown_ = place;
  };
  auto span = found_.begin();
  for (; span != found_.end() && span->begin < decided; ++span) {
    if (span->begin >= masked_) {
      show_to(span->begin);
      out.append(kMask);
    }
    masked_ = std::max(masked_, span->end);
    shown_ = std::max(shown_, span->end);
  }
  found_.erase(found_.begin(), span);
  show_to(decided);
  kept_.erase(0, shown_ - kept_from);
  return out;
}

}  // namespace leeward
