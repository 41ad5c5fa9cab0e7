// What happens around the operators: init() and shutdown() of the plugin.
#include <catch2/catch.hpp>
#include <leeward/cpp/operator.hpp>
#include <leeward/testing/harness.hpp>

using namespace leeward::sdk;
using namespace leeward::testing;

namespace {

int started = 0;
int stopped = 0;

LW_FUNCTION(Nothing, "life.nothing", "", "Does nothing.", nullptr, 0) {}

/// A plugin that counts its lives.
struct Counts {
  static constexpr PluginSpec get() noexcept {
    return {"life", "1.0.0", "", "", [] { ++started; }, [] { ++stopped; }};
  }
};
/// One that cannot start.
struct Refuses {
  static constexpr PluginSpec get() noexcept {
    return {"life", "1.0.0", "", "", [] { throw fail("life.no_licence", "no licence found"); }};
  }
};
/// One whose end is not clean.
struct EndsBadly {
  static constexpr PluginSpec get() noexcept {
    return {"life", "1.0.0", "", "", nullptr, [] { throw std::runtime_error("a thread would not stop"); }};
  }
};

template <class Description>
const lw_plugin* plugin_of() {
  return &leeward::sdk::detail::Tables<Description, Nothing>::plugin;
}

}  // namespace

TEST_CASE("A plugin's init and shutdown run once each, around its tasks", "[sdk]") {
  started = stopped = 0;
  {
    Harness harness(plugin_of<Counts>());
    CHECK(harness.run("life.nothing").code == LW_OK);
    CHECK(harness.run("life.nothing").code == LW_OK);
    CHECK(started == 1);
    CHECK(stopped == 0);
  }
  CHECK(stopped == 1);
}

TEST_CASE("A plugin that throws in init is refused with its reason", "[sdk]") {
  CHECK_THROWS_WITH(Harness(plugin_of<Refuses>()), "life: init() failed: no licence found");
}

TEST_CASE("A plugin that throws in shutdown does not hurt the host", "[sdk]") {
  CHECK(run(plugin_of<EndsBadly>(), "life.nothing").code == LW_OK);
}

TEST_CASE("A table of a later minor version is read by the plugin's own stride", "[sdk]") {
  struct LaterOperator {
    lw_operator known;
    const char* appended;
  };
  const lw_operator& nothing = plugin_of<Counts>()->operators[0];
  LaterOperator operators[] = {{nothing, "new"}, {nothing, "new"}};
  operators[0].known.name = "life.first";
  operators[1].known.name = "life.second";
  lw_plugin plugin = *plugin_of<Counts>();
  plugin.operator_count = 2;
  plugin.operator_stride = sizeof(LaterOperator);
  plugin.operators = &operators[0].known;
  CHECK(run(&plugin, "life.second").code == LW_OK);
}
