#include "host/mock/mock_answer.hpp"

#include <algorithm>
#include <array>

#include "core/base/utf8.hpp"

namespace leeward {
namespace {

constexpr std::size_t kLongestInstruction = 60;  // characters
constexpr std::size_t kShortestExtract = 40;
constexpr std::size_t kLongestExtract = 200;

// Where the character after the one at `at` begins.
std::size_t next_character(std::string_view text, std::size_t at) {
  return at + std::max<std::size_t>(1, utf8_sequence(text.substr(at)));
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

// The material behind a short instruction: after its colon, or after the first line.
std::string_view material(std::string_view prompt) {
  constexpr std::array<std::string_view, 3> kMarks = {":", "：", "\n"};
  std::size_t end = std::string_view::npos;
  for (const std::string_view mark : kMarks) {
    const std::size_t at = prompt.find(mark);
    if (at != std::string_view::npos && utf8_characters(prompt.substr(0, at)) <= kLongestInstruction) {
      end = std::min(end, at + mark.size());
    }
  }
  if (end == std::string_view::npos) return prompt;
  const std::string_view rest = trim(prompt.substr(end));
  return rest.empty() ? prompt : rest;
}

bool ends_sentence(std::string_view character) {
  constexpr std::array<std::string_view, 8> kEnds = {".", "!", "?", "。", "！", "？", "…", "\n"};
  return std::find(kEnds.begin(), kEnds.end(), character) != kEnds.end();
}

// Whole sentences up to the longest length, or a hard cut where the first one is longer.
std::string extract(std::string_view text) {
  std::size_t count = 0;
  std::size_t sentence_end = 0;
  std::size_t at = 0;
  while (at < text.size() && count < kLongestExtract) {
    const std::size_t next = next_character(text, at);
    ++count;
    if (ends_sentence(text.substr(at, next - at))) {
      sentence_end = next;
      if (count >= kShortestExtract) break;
    }
    at = next;
  }
  if (at >= text.size()) return std::string{text};
  if (sentence_end != 0) return std::string{trim(text.substr(0, sentence_end))};
  return std::string{trim(text.substr(0, at))} + "…";
}

}  // namespace

std::string mock_answer(std::string_view prompt) {
  const std::string_view text = material(trim(prompt));
  return text.empty() ? std::string{"(empty prompt)"} : extract(text);
}

std::int64_t mock_tokens(std::string_view text) {
  std::int64_t ascii = 0;
  std::int64_t others = 0;
  for (std::size_t at = 0; at < text.size(); at = next_character(text, at)) {
    (static_cast<unsigned char>(text[at]) < 0x80u ? ascii : others) += 1;
  }
  return (ascii + 3) / 4 + others;
}

std::string_view mock_cut(std::string_view text, std::int64_t tokens) {
  std::int64_t ascii = 0;
  std::int64_t others = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    (static_cast<unsigned char>(text[at]) < 0x80u ? ascii : others) += 1;
    if ((ascii + 3) / 4 + others > tokens) break;
    at = next_character(text, at);
  }
  return text.substr(0, at);
}

std::vector<std::string> mock_chunks(std::string_view text, std::size_t characters_each) {
  std::vector<std::string> chunks;
  std::size_t from = 0;
  std::size_t at = 0;
  std::size_t count = 0;
  while (at < text.size()) {
    at = next_character(text, at);
    if (++count == characters_each || at >= text.size()) {
      chunks.emplace_back(text.substr(from, at - from));
      from = at;
      count = 0;
    }
  }
  return chunks;
}

}  // namespace leeward
