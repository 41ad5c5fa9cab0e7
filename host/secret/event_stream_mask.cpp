#include "host/secret/event_stream_mask.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.hpp"
#include "host/secret/secret_stream.hpp"

namespace leeward {
namespace {

constexpr std::string_view kData = "data:";
constexpr std::string_view kBlank = " \t";
constexpr std::size_t kNoJson = 0;
constexpr std::size_t kRoot = 1;

/// A piece of a text that goes on in later events.
struct Piece {
  std::size_t begin = 0;  ///< in the body, as it is written
  std::size_t size = 0;
  std::string text;
  bool json = false;  ///< written as a JSON string
};
/// Where a string stands in an event, as a hash: a server can make paths as long as it likes, and many below one.
using Place = std::size_t;
using Texts = std::map<Place, std::vector<Piece>>;

Place below(Place outer, std::string_view key) { return outer * 31 + std::hash<std::string_view>{}(key); }

/// All strings of a JSON value, by where they stand.
class StringWalk {
 public:
  StringWalk(const char* text, std::size_t begin, Texts& texts) : text_(text), begin_(begin), texts_(texts) {}

  void visit(const Json& value, Place place) {
    if (value.is_string()) {
      const auto at = static_cast<std::size_t>(value.text().data() - text_);
      texts_[place].push_back({begin_ + at, value.text().size(), std::string{value.string()}, true});
    }
    std::size_t position = 0;
    for (const Json inner : value)
      visit(inner, below(place, value.is_object() ? inner.key() : std::string_view{number_of(inner, position++)}));
  }

 private:
  static std::string number_of(const Json& element, std::size_t position) {
    const Json index = element["index"];
    return index.is_integer() ? std::string{index.text()} : std::to_string(position);
  }

  const char* const text_;  ///< of the event's JSON
  const std::size_t begin_;
  Texts& texts_;
};

void add_data(std::string_view data, std::size_t begin, Texts& texts) {
  const std::size_t blank = std::min(data.find_first_not_of(kBlank), data.size());
  data.remove_prefix(blank);
  begin += blank;
  const auto document = JsonDocument::parse(std::string{data});
  if (!document) {
    texts[kNoJson].push_back({begin, data.size(), std::string{data}, false});
  } else {
    const Json root = (*document)->root();
    StringWalk{root.text().data(), begin, texts}.visit(root, kRoot);
  }
}

Texts texts_of(std::string_view body) {
  Texts texts;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find_first_of("\r\n", at), body.size());
    const std::string_view line = body.substr(at, end - at);
    if (line.starts_with(kData)) add_data(line.substr(kData.size()), at + kData.size(), texts);
    at = end + 1;
  }
  return texts;
}

/// What has to be written in place of the pieces; nothing where there is no secret in them.
void mask(const SecretMasker& masker, const std::vector<Piece>& pieces,
          std::vector<std::pair<const Piece*, std::string>>& changes) {
  SecretStream stream{masker, Formats::no};
  std::vector<std::string> shown;
  std::string before, after;
  for (const Piece& piece : pieces) {
    before += piece.text;
    after += shown.emplace_back(stream.piece(piece.text));
  }
  const std::string rest = stream.rest();
  shown.back() += rest;
  if (after + rest == before) return;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    changes.emplace_back(&pieces[i], pieces[i].json ? json_quote(shown[i]) : shown[i]);
}

}  // namespace

void mask_event_stream(const SecretMasker& masker, std::string& body) {
  if (masker.empty()) return;
  const Texts texts = texts_of(body);
  std::vector<std::pair<const Piece*, std::string>> changes;
  for (const auto& [place, pieces] : texts) {
    if (pieces.size() > 1) mask(masker, pieces, changes);
  }
  if (changes.empty()) return;
  std::sort(changes.begin(), changes.end(),
            [](const auto& a, const auto& b) { return a.first->begin < b.first->begin; });
  std::string out;
  std::size_t copied = 0;
  for (const auto& [piece, text] : changes) {
    out.append(body, copied, piece->begin - copied).append(text);
    copied = piece->begin + piece->size;
  }
  body = out.append(body, copied);
}

}  // namespace leeward
