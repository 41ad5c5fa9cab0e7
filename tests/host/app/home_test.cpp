#include "host/app/home.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("A home is made where there is none, for its user alone", "[host][app]") {
  const TempDir dir;
  const auto home = Home::open(dir / "deep" / "home");
  REQUIRE(home);
  CHECK(mode_of(home->path()) == 0700);
  CHECK(mode_of(home->run_folder()) == 0700);
  CHECK(mode_of(home->log_folder()) == 0700);
  CHECK(Home::open(dir / "deep" / "home"));
}

TEST_CASE("Looking at a home makes nothing", "[host][app]") {
  const TempDir dir;
  const Home home = Home::at(dir / "home");
  CHECK_FALSE(home.has_store());
  CHECK_FALSE(std::filesystem::exists(home.path()));
}

TEST_CASE("A home that cannot be used says which, why, and what to do", "[host][app]") {
  const TempDir dir;
  SECTION("a file stands in its place") {
    dir.write("home", "");
    const auto home = Home::open(dir / "home");
    REQUIRE_FALSE(home);
    CHECK(home.error().code == "home.unusable");
    CHECK(home.error().message.find((dir / "home").string()) != std::string::npos);
    CHECK(home.error().message.find("--home") != std::string::npos);
  }
  SECTION("a file stands in the place of a folder above it") {
    dir.write("file", "");
    CHECK_FALSE(Home::open(dir / "file" / "home"));
  }
  SECTION("others may write to it") {
    std::filesystem::create_directory(dir / "home");
    REQUIRE(::chmod((dir / "home").c_str(), 0770) == 0);
    const auto home = Home::open(dir / "home");
    REQUIRE_FALSE(home);
    CHECK(home.error().message.find("chmod 700") != std::string::npos);
  }
}
