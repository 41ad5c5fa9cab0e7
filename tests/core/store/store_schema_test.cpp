#include "core/store/store_schema.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

using namespace leeward;

namespace {

struct Place {
  test::TempDir folder;
  std::string path = (folder / "leeward.db").string();
  SqliteDb::Options options{path};

  [[nodiscard]] std::string code() const {
    const auto db = open_store_to_write(options);
    return db ? "opened" : db.error().code;
  }
};

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>{in}, {}};
}

unsigned mode_of(const std::string& path) {
  struct stat about = {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 0777u;
}

}  // namespace

TEST_CASE("A store is made where there is none, and only its owner may read it", "[store]") {
  const Place place;
  auto db = open_store_to_write(place.options);
  REQUIRE(db);
  CHECK(db->ask("PRAGMA user_version").value() == static_cast<std::int64_t>(store_migrations().size()));
  CHECK(db->ask_text("PRAGMA journal_mode").value() == "wal");
  CHECK(db->ask("PRAGMA synchronous").value() >= 2);  // FULL or more
  for (const char* suffix : {"", "-wal", "-shm"}) CHECK(mode_of(place.path + suffix) == 0600);
}

TEST_CASE("Processes that make the same store at the same time all find it made", "[store]") {
  const Place place;
  std::vector<std::string> codes(4);
  std::vector<std::thread> threads;
  for (std::string& code : codes) threads.emplace_back([&] { code = place.code(); });
  for (std::thread& thread : threads) thread.join();
  CHECK(codes == std::vector<std::string>(4, "opened"));
}

TEST_CASE("A store of a newer release is refused, and not a byte of it is changed", "[store]") {
  const Place place;
  {
    auto db = open_store_to_write(place.options).value();
    REQUIRE(db.run("PRAGMA user_version = 1000; CREATE TABLE from_the_future(a)"));
  }
  const std::string file = bytes_of(place.path);
  const std::string log = bytes_of(place.path + "-wal");
  const auto refused = open_store_to_write(place.options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "store.newer");
  CHECK(refused.error().message.find("version 1000") != std::string::npos);
  CHECK(open_store_to_read(place.options).error().code == "store.newer");
  CHECK((bytes_of(place.path) == file));
  CHECK((bytes_of(place.path + "-wal") == log));
}

TEST_CASE("What is no store of Leeward's is refused, and left as it is", "[store]") {
  const Place place;
  SECTION("another program's SQLite file") {
    REQUIRE(SqliteDb::open(place.options).value().run("CREATE TABLE theirs(a); INSERT INTO theirs VALUES(1)"));
    CHECK(place.code() == "store.foreign");
    CHECK(SqliteDb::open(place.options)->ask("SELECT a FROM theirs").value() == 1);
  }
  SECTION("an empty one, but with a name on it") {
    REQUIRE(SqliteDb::open(place.options).value().run("PRAGMA application_id = 7"));
    CHECK(place.code() == "store.foreign");
  }
  SECTION("a text") {
    static_cast<void>(place.folder.write("leeward.db", std::string(3'000, 'x')));
    CHECK(place.code() == "store.corrupt");
    CHECK((bytes_of(place.path) == std::string(3'000, 'x')));
  }
  SECTION("a folder") {
    std::filesystem::create_directory(place.path);
    CHECK(place.code() == "store.io");
  }
}

TEST_CASE("A store that has lost its content is not taken for a new one", "[store]") {
  const Place place;
  { auto db = open_store_to_write(place.options).value(); }
  const std::string whole = bytes_of(place.path);
  SECTION("all of it") {
    std::filesystem::resize_file(place.path, 0);
    CHECK(place.code() == "store.corrupt");
    CHECK(std::filesystem::file_size(place.path + "-wal") > 0);
  }
  SECTION("its tables") {
    auto db = SqliteDb::open(place.options).value();
    REQUIRE(db.run("DROP TABLE events; DROP TABLE runs; PRAGMA user_version = 0"));
    CHECK(place.code() == "store.corrupt");
  }
  SECTION("its header") {
    std::filesystem::remove(place.path + "-wal");
    static_cast<void>(place.folder.write("leeward.db", std::string(100, '\0') + whole.substr(100)));
    CHECK(place.code() == "store.corrupt");
  }
}

TEST_CASE("A store that cannot be made says what the system said", "[store]") {
  const test::TempDir folder;
  const SqliteDb::Options nowhere{(folder / "no/such/folder/leeward.db").string()};
  const auto refused = open_store_to_write(nowhere);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "store.io");
  CHECK(refused.error().message.find("No such file or directory") != std::string::npos);
  CHECK(refused.error().message.find(nowhere.path) != std::string::npos);
}

TEST_CASE("Who has to wait for another process too long is told so", "[store]") {
  Place place;
  auto one = open_store_to_write(place.options).value();
  place.options.busy_timeout = std::chrono::milliseconds{1};
  auto other = open_store_to_write(place.options).value();
  auto writing = SqliteTransaction::begin(one, SqliteTransaction::Kind::write);
  REQUIRE(writing);
  const auto waited = SqliteTransaction::begin(other, SqliteTransaction::Kind::write);
  REQUIRE_FALSE(waited);
  CHECK(waited.error().code == "store.locked");
  CHECK(waited.error().message.find("another process") != std::string::npos);
  CHECK(SqliteTransaction::begin(other, SqliteTransaction::Kind::read).ok());  // looking never waits
}
