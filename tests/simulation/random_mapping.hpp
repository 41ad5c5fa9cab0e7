#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/model/dag.hpp"
#include "tests/simulation/dice.hpp"

namespace leeward::test {

/// JSON text with holes for names: `{"give": [{item}, 1]}`.
class TemplateText {
 public:
  TemplateText& text(const std::string& json) {
    pending_ += json;
    return *this;
  }
  TemplateText& hole(const std::string& name);
  [[nodiscard]] ValueTemplate done();

 private:
  ValueTemplate result_;
  std::string pending_;
};

/// A list that an earlier task may publish.
struct PublishedList {
  std::string name;
  TaskIndex producer;
};

/// A mapping over 0 to a few items: a list, an object, a product, a zip, a concatenation, or one of the published
/// lists. Keys are named a, b. Or objects: a task's overrule the "give" of its `with`, those of a group give it the
/// name a.
[[nodiscard]] std::shared_ptr<const Mapping> random_mapping(Dice& dice, const std::vector<PublishedList>& published,
                                                            bool of_group);

}  // namespace leeward::test
