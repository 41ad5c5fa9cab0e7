#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/model/template.hpp"

namespace leeward::test {

/// The members of one JSON object are the names.
class ObjectScope final : public Scope {
 public:
  explicit ObjectScope(const std::string& json) : document_(JsonDocument::of(Value{json})) {}
  [[nodiscard]] Json find(std::string_view name) const override { return document_->root()[name]; }
  [[nodiscard]] std::vector<std::string> names() const override {
    std::vector<std::string> all;
    for (const Json& member : document_->root()) all.emplace_back(member.key());
    return all;
  }

 private:
  std::shared_ptr<const JsonDocument> document_;
};

}  // namespace leeward::test
