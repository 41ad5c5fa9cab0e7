#include "core/model/date_texts.hpp"

#include <string_view>

#include "core/base/time_format.hpp"

namespace leeward {
namespace {

constexpr std::size_t kDateLength = 10;     // 2024-01-31
constexpr std::size_t kSecondsLength = 19;  // 2024-01-31T16:30:00

std::string without(std::string text, std::string_view characters) {
  std::erase_if(text, [&](char c) { return characters.find(c) != characters.npos; });
  return text;
}

}  // namespace

std::string ds_of(Timestamp time) { return format_iso_timestamp(time).substr(0, kDateLength); }

std::string ds_nodash_of(Timestamp time) { return without(ds_of(time), "-"); }

std::string ts_of(Timestamp time) { return format_iso_timestamp(time); }

std::string ts_nodash_of(Timestamp time) { return without(ts_of(time).substr(0, kSecondsLength), "-:"); }

std::string ts_nodash_with_tz_of(Timestamp time) { return without(ts_of(time), "-:"); }

}  // namespace leeward
