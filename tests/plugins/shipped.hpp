#pragma once

#include <initializer_list>
#include <string>

#include <catch2/catch.hpp>
#include <leeward/testing/harness.hpp>

/// The plugin `name`, from the very file that is shipped.
inline const lw_plugin* shipped(const std::string& name) {
  return leeward::testing::load(LEEWARD_BINARY_DIR "/lib/leeward/plugins/" + name + ".so");
}

/// Runs one attempt, and requires that the operator kept all rules of the interface.
inline leeward::testing::Result run_shipped(const std::string& plugin, const std::string& name,
                                            const std::string& params_json) {
  auto done = leeward::testing::run(shipped(plugin), name, params_json);
  INFO(done.explain());
  CHECK(done.problems.empty());
  return done;
}
