#include "core/base/result.hpp"

namespace leeward {

std::string to_string(const Error& error) {
  const Where& where = error.where;
  std::string place = where.file;
  if (where.line > 0) {
    place += place.empty() ? "line " : ":";
    place += std::to_string(where.line);
    if (where.column > 0) place += ":" + std::to_string(where.column);
  }
  if (!where.pointer.empty()) {
    if (!place.empty()) place += ' ';
    place += where.pointer;
  }
  return place.empty() ? error.message : place + ": " + error.message;
}

}  // namespace leeward
