#include "core/base/value.hpp"

#include <utility>

namespace leeward {

Value::Value(std::string json) {
  auto text = std::make_shared<const std::string>(std::move(json));
  json_ = *text;
  owner_ = std::move(text);
}

}  // namespace leeward
