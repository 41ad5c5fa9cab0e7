#include "host/app/dag_finder.hpp"

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

TEST_CASE("A DAG is found by its file, or by its id wherever in the folder it stands", "[host][app]") {
  const TempDir dir;
  dir.write("child.json", R"({"dag_id": "child", "tasks": []})");
  dir.write("other.json", R"({"dag_id": "renamed", "tasks": []})");
  dir.write("sub/deep.json", R"({"dag_id": "deep", "tasks": []})");
  dir.write("broken.json", "{");
  const auto found = [&](const std::string& dag) {
    const auto file = find_dag_file(dir.path(), dag);
    INFO(dag);
    REQUIRE(file);
    return *file;
  };
  CHECK(found("child") == (dir / "child.json").string());
  CHECK(found("child.json") == (dir / "child.json").string());
  CHECK(found("sub/deep.json") == (dir / "sub/deep.json").string());
  CHECK(found("renamed") == (dir / "other.json").string());
  CHECK(found("broken") == (dir / "broken.json").string());  // so that its mistakes are told
}

TEST_CASE("A DAG that is not there is told with the nearest guess", "[host][app]") {
  const TempDir dir;
  dir.write("other.json", R"({"dag_id": "renamed", "tasks": []})");
  const auto by_id = find_dag_file(dir.path(), "renmaed");
  REQUIRE_FALSE(by_id);
  CHECK(by_id.error().code == "run.unknown_dag");
  CHECK(by_id.error().message.find("did you mean \"renamed\"?") != std::string::npos);
  CHECK_FALSE(find_dag_file(dir.path(), "other"));  // the file of another DAG
  const auto by_file = find_dag_file(dir.path(), "sub/none.json");
  REQUIRE_FALSE(by_file);
  CHECK(by_file.error().message.find("sub/none.json") != std::string::npos);
}
