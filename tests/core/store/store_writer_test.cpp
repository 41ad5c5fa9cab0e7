#include "core/store/store_writer.hpp"

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "core/store/store_schema.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/writer_plug.hpp"

using namespace leeward;

namespace {

StoreWriter::Transition insert(int id) {
  return [id](SqliteDb& db) -> Status {
    auto row = db.statement("INSERT INTO things(id) VALUES(?1)");
    if (!row) return row.error();
    return row->bind(1, id).run();
  };
}

struct Place {
  test::TempDir folder;
  SqliteDb::Options options{(folder / "leeward.db").string()};

  SqliteDb open() {
    auto db = open_store_to_write(options).value();
    REQUIRE(db.run("CREATE TABLE IF NOT EXISTS things(id INTEGER PRIMARY KEY)"));
    return db;
  }
  std::int64_t count() { return open_store_to_read(options)->ask("SELECT count(*) FROM things").value(); }
};

}  // namespace

TEST_CASE("A transition is on disk when the writer says so", "[store]") {
  Place place;
  StoreWriter writer{place.open()};
  REQUIRE(writer.commit(insert(1)));
  CHECK(place.count() == 1);
  std::promise<std::int64_t> seen;
  writer.submit(insert(2), [&](const Status& status) { seen.set_value(status ? place.count() : -1); });
  CHECK(seen.get_future().get() == 2);
}

TEST_CASE("Transitions that wait are committed together, and in the order they came", "[store]") {
  Place place;
  StoreWriter writer{place.open()};
  test::WriterPlug plug{writer};
  std::vector<std::int64_t> counts;  // what another connection saw when each was told
  std::vector<int> order;
  std::promise<void> all;
  for (int i = 0; i < 10; ++i) {
    writer.submit(insert(i), [&, i](const Status& status) {
      CHECK(status);
      counts.push_back(place.count());
      order.push_back(i);
      if (i == 9) all.set_value();
    });
  }
  plug.pull();
  all.get_future().wait();
  CHECK(counts == std::vector<std::int64_t>(10, 10));
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("A transition that is refused takes no other with it", "[store]") {
  Place place;
  StoreWriter writer{place.open()};
  REQUIRE(writer.commit(insert(3)));
  test::WriterPlug plug{writer};
  std::vector<std::string> told;
  std::promise<void> all;
  for (int i = 0; i < 5; ++i) {
    writer.submit(insert(i), [&, i](const Status& status) {
      told.push_back(status ? "done" : status.error().code);
      if (i == 4) all.set_value();
    });
  }
  plug.pull();
  all.get_future().wait();
  CHECK(told == std::vector<std::string>{"done", "done", "done", "store.conflict", "done"});
  CHECK(place.count() == 5);
  const Error own{"test.refused", "not today"};
  CHECK(writer
            .commit([&](SqliteDb& db) -> Status {
              REQUIRE(insert(7)(db));
              return own;
            })
            .error()
            .code == "test.refused");
  CHECK(place.count() == 5);
}

TEST_CASE("What was submitted is committed before the writer goes", "[store]") {
  Place place;
  int told = 0;
  {
    StoreWriter writer{place.open()};
    for (int i = 0; i < 100; ++i) writer.submit(insert(i), [&](const Status& status) { told += status ? 1 : 0; });
  }
  CHECK(told == 100);
  CHECK(place.count() == 100);
}

TEST_CASE("Several threads, and what they are told, may submit at once", "[store]") {
  Place place;
  {
    StoreWriter writer{place.open()};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          const int id = t * 50 + i;
          if (id % 2 == 0) {
            static_cast<void>(writer.commit(insert(id)));
          } else {
            writer.submit(insert(id), [&writer, id](const Status&) { writer.submit(insert(1'000 + id), {}); });
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  CHECK(place.count() == 300);
}

TEST_CASE("Two writers of one file each get their turn", "[store]") {
  Place place;
  {
    StoreWriter one{place.open()};
    StoreWriter other{place.open()};
    const auto commit_all = [](StoreWriter& writer, int first) {
      for (int i = 0; i < 200; ++i) {
        if (!writer.commit(insert(first + i))) return false;
      }
      return true;
    };
    auto meanwhile = std::async(std::launch::async, [&] { return commit_all(other, 1'000); });
    CHECK(commit_all(one, 0));
    CHECK(meanwhile.get());
  }
  CHECK(place.count() == 400);
}

TEST_CASE("A writer that another process keeps waiting goes on when that lets go", "[store]") {
  Place place;
  place.options.busy_timeout = std::chrono::milliseconds{1};
  SqliteDb other = place.open();
  SqliteDb third = place.open();
  constexpr int kForAsLongAsItTakes = 1'000'000;
  StoreWriter writer{place.open(), kForAsLongAsItTakes};
  std::promise<Status> told;
  {
    const auto held = SqliteTransaction::begin(other, SqliteTransaction::Kind::write).value();
    writer.submit(insert(1), [&](const Status& status) { told.set_value(status); });
    for (int refused = 0; refused < 50; ++refused) {  // each after a whole busy_timeout
      const auto mine = SqliteTransaction::begin(third, SqliteTransaction::Kind::write);
      REQUIRE(!mine);
      CHECK(mine.error().code == "store.locked");
    }
  }
  CHECK(told.get_future().get());
  CHECK(writer.commit(insert(2)));
  CHECK(place.count() == 2);
}

TEST_CASE("A commit that is kept waiting for too long is refused, and the writer goes on", "[store]") {
  Place place;
  place.options.busy_timeout = std::chrono::milliseconds{1};
  SqliteDb other = place.open();
  StoreWriter writer{place.open(), 3};
  {
    const auto held = SqliteTransaction::begin(other, SqliteTransaction::Kind::write).value();
    const Status refused = writer.commit(insert(1));
    REQUIRE(!refused);
    CHECK(refused.error().code == "store.locked");
  }
  CHECK(writer.commit(insert(2)));
  CHECK(place.count() == 1);
}

TEST_CASE("A log that has grown long is moved to the file, and filled anew", "[store]") {
  Place place;
  StoreWriter writer{place.open()};
  const std::string body(200'000, 'x');
  REQUIRE(writer.commit([](SqliteDb& db) { return db.run("CREATE TABLE bodies(id INTEGER PRIMARY KEY, text TEXT)"); }));
  for (int i = 0; i < 200; ++i) {  // 40 MB
    REQUIRE(writer.commit([&](SqliteDb& db) -> Status {
      auto row = db.statement("INSERT INTO bodies(text) VALUES(?1)");
      if (!row) return row.error();
      return row->bind(1, body).run();
    }));
  }
  CHECK(std::filesystem::file_size(place.options.path + "-wal") < (20u << 20));
}
