// Tests the plugin as it is shipped: usage: hello_test hello.so
#include <cstdio>
#include <string>

#include <leeward/testing/harness.hpp>

namespace {

int failures = 0;

void check(bool holds, const char* what, const leeward::testing::Result& seen) {
  if (holds) return;
  ++failures;
  std::printf("FAILED: %s\n  %s\n", what, seen.explain().c_str());
}

}  // namespace

int main(int, char** argv) {
  using leeward::testing::run;
  const lw_plugin* plugin = leeward::testing::load(argv[1]);

  const auto greeted = run(plugin, "hello.greet", R"({"name": "世界"})");
  check(greeted.code == LW_OK, "it succeeds", greeted);
  check(greeted.result == R"("Hello, 世界!")", "it greets", greeted);
  check(greeted.logged("greeting"), "it logs whom it greets", greeted);
  check(greeted.problems.empty(), "it does nothing that a host would mind", greeted);

  const auto nobody = run(plugin, "hello.greet", R"({"name": ""})");
  check(nobody.code == LW_FAIL, "it fails without a name", nobody);
  check(nobody.error.type == "hello.nobody", "it says why", nobody);
  return failures == 0 ? 0 : 1;
}
