#include "tests/plugins/shipped.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward::testing;
using leeward::test::TempDir;

namespace {
Result look_for(const std::filesystem::path& path, const std::string& rest = "") {
  return run_shipped("file_sensor", "file_sensor", R"({"path": )" + leeward::sdk::quote(path.string()) + rest + "}");
}
}  // namespace

TEST_CASE("file_sensor waits for a file, and says what it found", "[file_sensor]") {
  const TempDir folder;
  CHECK(look_for(folder / "*.csv").code == LW_RESCHEDULE);
  const auto b = folder.write("b.csv", "");
  const auto a = folder.write("a.csv", "");
  const Result done = look_for(folder / "*.csv");
  CHECK(done.code == LW_OK);
  CHECK(done.result == R"([")" + a.string() + R"(",")" + b.string() + R"("])");
}

TEST_CASE("file_sensor waits until a folder has a file in it", "[file_sensor]") {
  const TempDir folder;
  std::filesystem::create_directories(folder / "in/today");
  CHECK(look_for(folder / "in").code == LW_RESCHEDULE);
  CHECK(look_for(folder / "*").code == LW_RESCHEDULE);
  folder.write("in/today/x", "");
  CHECK(look_for(folder / "in").result == R"([")" + (folder / "in").string() + R"("])");
}

TEST_CASE("file_sensor looks below folders only if it is told so", "[file_sensor]") {
  const TempDir folder;
  folder.write("1/2/3/x.csv", "");
  CHECK(look_for(folder / "**/*.csv").code == LW_RESCHEDULE);
  CHECK(look_for(folder / "**/*.csv", R"(, "recursive": true)").code == LW_OK);
}

TEST_CASE("file_sensor refuses a path with a NUL character", "[file_sensor]") {
  const Result done = run_shipped("file_sensor", "file_sensor", R"({"path": "a\u0000b"})");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "bad_value");
}

TEST_CASE("file_sensor stops looking when the task should stop", "[file_sensor]") {
  Harness harness(shipped("file_sensor"));
  harness.cancel();
  CHECK(harness.run("file_sensor", R"({"path": "/*"})").code == LW_CANCELLED);
}
