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

TEST_CASE("A file outside the folder is refused, however it is written", "[host][app]") {
  const TempDir dir;
  dir.write("secret.json", R"({"dag_id": "secret", "tasks": []})");
  dir.write("dags/sub/deep.json", R"({"dag_id": "deep", "tasks": []})");
  for (const std::string& dag : {(dir / "secret.json").string(), std::string{"../secret.json"},
                                 std::string{"sub/../../secret.json"}, std::string{"./../dags/../secret.json"}}) {
    INFO(dag);
    const auto file = find_dag_file(dir / "dags", dag);
    REQUIRE_FALSE(file);
    CHECK(file.error().code == "run.outside");
  }
  CHECK(find_dag_file(dir / "dags", "sub/../sub/deep.json"));
}

TEST_CASE("Two files with the dag_id that is asked for are refused, and both are named", "[host][app]") {
  const TempDir dir;
  dir.write("a.json", R"({"dag_id": "a", "tasks": []})");
  dir.write("copy.json", R"({"dag_id": "\u0061", "tasks": []})");
  const auto file = find_dag_file(dir.path(), "a");
  REQUIRE_FALSE(file);
  CHECK(file.error().code == "run.ambiguous_dag");
  CHECK(file.error().message.find("a.json") != std::string::npos);
  CHECK(file.error().message.find("copy.json") != std::string::npos);
  CHECK(*find_dag_file(dir.path(), "a.json") == (dir / "a.json").string());
}
