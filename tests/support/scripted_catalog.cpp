#include "tests/support/scripted_catalog.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "core/load/dag_loader.hpp"

namespace leeward::test {
namespace {

class ScriptedCatalog final : public OperatorCatalog {
 public:
  ScriptedCatalog() {
    infos_[0].name = "scripted";
    infos_[0].traits.branches = true;
    infos_[1].name = "notify";
  }
  [[nodiscard]] const OperatorInfo* find_operator(std::string_view name) const override {
    for (const OperatorInfo& info : infos_) {
      if (info.name == name) return &info;
    }
    return nullptr;
  }
  [[nodiscard]] const OperatorInfo* find_callable(std::string_view) const override { return nullptr; }
  [[nodiscard]] std::vector<std::string> operator_names() const override { return {"notify", "scripted"}; }
  [[nodiscard]] std::vector<std::string> callable_names() const override { return {}; }

 private:
  std::array<OperatorInfo, 2> infos_;
};

}  // namespace

const OperatorCatalog& scripted_catalog() {
  static const ScriptedCatalog catalog;
  return catalog;
}

std::shared_ptr<const Dag> scripted_dag(std::string json) {
  LoadedDag loaded = load_dag(std::move(json), "scripted", scripted_catalog());
  if (!loaded.dag) throw std::runtime_error("a scripted DAG: " + to_string(loaded.errors.front()));
  return std::move(loaded.dag);
}

}  // namespace leeward::test
