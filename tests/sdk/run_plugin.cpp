// Runs one operator of a built plugin by the harness, whatever it was built with.
// usage: sdk_run_plugin plugin.so operator params_json expected_result_json
#include <cstdio>
#include <exception>
#include <string>

#include <leeward/testing/harness.hpp>

int main(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "usage: %s plugin.so operator params expected\n", argv[0]), 2;
  try {
    const auto done = leeward::testing::run(leeward::testing::load(argv[1]), argv[2], argv[3]);
    std::printf("%s\n", done.explain().c_str());
    return done.code == LW_OK && done.result == argv[4] && done.problems.empty() ? 0 : 1;
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
}
