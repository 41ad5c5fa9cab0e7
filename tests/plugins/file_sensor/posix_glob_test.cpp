#include "plugins/file_sensor/posix_glob.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"

using leeward::test::TempDir;
using Paths = std::vector<std::string>;

namespace {

//  a.csv  b.csv  .hidden.csv  notes.txt  [x].csv
//  sub/c.csv  sub/deep/d.csv  .git/e.csv  link -> sub
struct Files {
  Files() {
    for (const char* name :
         {"a.csv", "b.csv", ".hidden.csv", "notes.txt", "[x].csv", "sub/c.csv", "sub/deep/d.csv", ".git/e.csv"}) {
      folder.write(name, "x");
    }
    std::filesystem::create_directory_symlink("sub", folder / "link");
  }
  // What matches, below the folder.
  Paths find(const std::string& pattern, bool recursive = false, std::size_t limit = 100) const {
    Paths paths = file_sensor::paths_matching((folder / pattern).string(), recursive, limit, [] {});
    for (std::string& path : paths) path = path.substr(folder.path().string().size() + 1);
    return paths;
  }
  TempDir folder;
};

}  // namespace

TEST_CASE("A pattern without wildcards is a path", "[file_sensor]") {
  const Files files;
  CHECK(files.find("a.csv") == Paths{"a.csv"});
  CHECK(files.find("sub") == Paths{"sub"});
  CHECK(files.find("none.csv").empty());
  CHECK(files.find("a.csv/more").empty());
}

TEST_CASE("Wildcards match within a name, and no hidden one", "[file_sensor]") {
  const Files files;
  CHECK(files.find("*.csv") == Paths{"[x].csv", "a.csv", "b.csv"});
  CHECK(files.find("?.csv") == Paths{"a.csv", "b.csv"});
  CHECK(files.find("[b-z].csv") == Paths{"b.csv"});
  CHECK(files.find("[[]x].csv") == Paths{"[x].csv"});
  CHECK(files.find(".*.csv") == Paths{".hidden.csv"});
  CHECK(files.find("*/*.csv") == Paths{"link/c.csv", "sub/c.csv"});
  CHECK(files.find("*/deep") == Paths{"link/deep", "sub/deep"});
}

TEST_CASE("A pattern that ends in a slash matches folders", "[file_sensor]") {
  const Files files;
  CHECK(files.find("s*/") == Paths{"sub"});
  CHECK(files.find("a.csv/").empty());
}

TEST_CASE("With recursive, ** is any number of folders, behind no link", "[file_sensor]") {
  const Files files;
  CHECK(files.find("**/*.csv", true) == Paths{"[x].csv", "a.csv", "b.csv", "sub/c.csv", "sub/deep/d.csv"});
  CHECK(files.find("sub/**/d.csv", true) == Paths{"sub/deep/d.csv"});
  CHECK(files.find("**/**/d.csv", true) == Paths{"sub/deep/d.csv"});
  CHECK(files.find("**/*.csv", false) == Paths{"link/c.csv", "sub/c.csv"});
}

TEST_CASE("A search ends at its limit, and when it is told to", "[file_sensor]") {
  const Files files;
  CHECK(files.find("**/*.csv", true, 2).size() == 2);
  const auto stop = [] { throw std::runtime_error("stop"); };
  CHECK_THROWS_AS(file_sensor::paths_matching(files.folder.path().string() + "/*", false, 9, stop), std::runtime_error);
}

TEST_CASE("A folder holds a file at whatever depth", "[file_sensor]") {
  const Files files;
  const auto holds = [&](const char* name) { return file_sensor::holds_a_file((files.folder / name).string(), [] {}); };
  CHECK(holds("a.csv"));
  CHECK(holds("sub"));
  std::filesystem::create_directories(files.folder / "empty/empty/empty");
  CHECK_FALSE(holds("empty"));
  CHECK_FALSE(holds("none"));
  files.folder.write("empty/empty/empty/x", "");
  CHECK(holds("empty"));
}
