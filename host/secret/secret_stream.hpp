#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/secret/secret_formats.hpp"
#include "host/secret/secret_masker.hpp"
#include "host/secret/secret_scan.hpp"

namespace leeward {

/// Sorts spans and joins those that overlap.
void join_spans(std::vector<MaskedSpan>& spans);

/// SecretMasker::mask for a text that comes in pieces. The pieces it gives together are what the whole text would have
/// become, wherever it was cut; between them it keeps back no more than what may be the beginning of a secret. Text
/// that is UTF-8 piece by piece stays so. Can be copied, to go back to where it was. Used by one thread at a time.
class SecretStream {
 public:
  SecretStream(const SecretMasker& masker, Formats formats);

  [[nodiscard]] std::string piece(std::string_view piece);
  /// What was kept back, at the end of the text. Call once.
  [[nodiscard]] std::string rest();
  /// From now on it looks for these secrets, also in what it keeps back: another may have been resolved meanwhile.
  void use(const SecretMasker& masker);

 private:
  std::string show(std::uint64_t decided);

  std::shared_ptr<const PatternAutomaton> patterns_;
  Formats formats_;
  SecretScan scan_;
  SecretFormats known_;
  std::vector<MaskedSpan> found_;
  std::string kept_;          ///< the text from shown_ on
  std::uint64_t shown_ = 0;   ///< what stands before it has been given
  std::uint64_t masked_ = 0;  ///< the end of the last mask
};

}  // namespace leeward
