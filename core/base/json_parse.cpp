#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/assert.hpp"
#include "core/base/json_builder.hpp"
#include "core/base/json_text.hpp"

// Parsing rides on nlohmann's SAX interface, which checks syntax and UTF-8 and does not recurse. It is shown the text
// with the dull parts left out (JsonSkim), so whatever it decodes is ignored: JsonBuilder reads each token from the
// text itself.

namespace leeward {
namespace {

/// The library's events, told to a JsonBuilder.
struct Events {
  JsonBuilder& builder;
  bool retry = false;

  bool null() { return builder.scalar(JsonKind::null, 4); }
  bool boolean(bool truth) { return builder.scalar(JsonKind::boolean, truth ? 4 : 5); }
  bool number_integer(std::int64_t) { return builder.integer(); }
  bool number_unsigned(std::uint64_t) { return builder.integer(); }
  bool number_float(double, const std::string&) { return builder.real(); }
  bool string(std::string&) { return builder.string(false); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return builder.open(JsonKind::object); }
  bool key(std::string&) { return builder.string(true); }
  bool end_object() { return builder.close(); }
  bool start_array(std::size_t) { return builder.open(JsonKind::array); }
  bool end_array() { return builder.close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) {
    constexpr int kNumberOverflow = 406;
    if (error.id == kNumberOverflow) {
      retry = builder.overflow();
    } else {
      builder.syntax_error();
    }
    return false;
  }
};

/// True if the document is whole; there may still be mistakes.
bool parse_into(JsonBuilder& builder, std::string_view text) {
  if (!builder.admit()) return false;
  const auto run = [](Events& events, std::string_view bytes) {
    const char* end = bytes.data() + bytes.size();
    return nlohmann::json::sax_parse(JsonSkim(bytes.data(), end), JsonSkim(end, end), &events);
  };
  Events events{builder};
  if (run(events, text)) return builder.finish();
  if (!events.retry) return false;
  Events again{builder};
  return run(again, json_without_overflows(text)) && builder.finish();
}

}  // namespace

Result<std::shared_ptr<const JsonDocument>> JsonDocument::parse(std::string text, std::string file,
                                                                const JsonLimits& limits) {
  auto impl = std::make_unique<Impl>();
  impl->own = std::move(text);
  impl->text = impl->own;
  impl->file = std::move(file);
  JsonBuilder builder(*impl, limits, true);
  if (!parse_into(builder, impl->text)) return std::move(builder.take_errors().front());
  return std::shared_ptr<const JsonDocument>(new JsonDocument(std::move(impl)));
}

std::shared_ptr<const JsonDocument> JsonDocument::parse_all(std::string text, std::string file,
                                                            const JsonLimits& limits, Errors& errors) {
  auto impl = std::make_unique<Impl>();
  impl->own = std::move(text);
  impl->text = impl->own;
  impl->file = std::move(file);
  JsonBuilder builder(*impl, limits, false);
  const bool whole = parse_into(builder, impl->text);
  Errors found = builder.take_errors();
  std::move(found.begin(), found.end(), std::back_inserter(errors));
  if (!whole) return nullptr;
  return std::shared_ptr<const JsonDocument>(new JsonDocument(std::move(impl)));
}

std::shared_ptr<const JsonDocument> JsonDocument::of(const Value& value) {
  constexpr JsonLimits kNone{kMostJsonBytes, kMostJsonBytes, INT32_MAX};
  auto impl = std::make_unique<Impl>();
  impl->lent = value;
  impl->text = impl->lent.json();
  JsonBuilder builder(*impl, kNone, true);
  const bool whole = parse_into(builder, impl->text);
  LW_ASSERT(whole, "a Value holds one valid JSON text");
  return std::shared_ptr<const JsonDocument>(new JsonDocument(std::move(impl)));
}

bool is_json(std::string_view text, const JsonLimits& limits) {
  JsonDocument::Impl impl;
  impl.text = text;
  JsonBuilder builder(impl, limits, true);
  return parse_into(builder, text);
}

}  // namespace leeward
