// What every CallLedger promises, asked of each.

#include "core/store/call_ledger.hpp"

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "core/store/memory_call_ledger.hpp"
#include "core/store/sqlite_call_ledger.hpp"
#include "tests/core/store/store_kits.hpp"
#include "tests/support/dag_of.hpp"

using namespace leeward;

#define LEDGER_TEST_CASE(name) TEMPLATE_TEST_CASE(name, "[core][store]", MemoryLedgerKit, SqliteLedgerKit)

namespace {

/// Each kind of ledger, and what a restart of the process does to it.
class MemoryLedgerKit {
 public:
  CallLedger& ledger() { return ledger_; }
  void restart() {}
  [[nodiscard]] int possible_duplicates(const std::string& run_id, const std::string& task_id) const {
    return ledger_.possible_duplicates(run_id, task_id, -1);
  }

 private:
  MemoryCallLedger ledger_;
};

class SqliteLedgerKit {
 public:
  SqliteLedgerKit() {
    for (const char* run_id : {"run", "run2"}) {
      auto run = std::make_shared<RunInfo>();
      run->run_id = run_id;
      REQUIRE(kit_.store().begin(run, test::dag_of("ask; ask2")));
    }
    restart();
  }
  CallLedger& ledger() { return *ledger_; }
  void restart() {
    ledger_.reset();
    kit_.restart();
    ledger_ = std::make_unique<SqliteCallLedger>(kit_.store().writer());
  }
  [[nodiscard]] int possible_duplicates(const std::string& run_id, const std::string& task_id) {
    REQUIRE(kit_.store().writer().commit([](SqliteDb&) { return done(); }));  // after what nobody waits for
    const RunRecord record = kit_.store().load(run_id).value();
    for (const TaskRecord& task : record.tasks) {
      if (task.task_id == task_id) return task.possible_duplicates;
    }
    throw std::logic_error("no such task");
  }

 private:
  test::SqliteStoreKit kit_;
  std::unique_ptr<SqliteCallLedger> ledger_;
};

CallKey key_of(int ordinal, std::string digest = "d1") {
  CallKey key;
  key.run_id = "run";
  key.task_id = "ask";
  key.digest = std::move(digest);
  key.ordinal = ordinal;
  return key;
}

CallAnswer answer_of(std::string body) {
  CallAnswer answer;
  answer.http_status = 200;
  answer.body = std::move(body);
  return answer;
}

CallLedger::Standing intend(CallLedger& ledger, const CallKey& key) {
  std::promise<Result<CallLedger::Standing>> told;
  ledger.intend(key, [&](Result<CallLedger::Standing> standing) { told.set_value(std::move(standing)); });
  return told.get_future().get().value();
}

void answered(CallLedger& ledger, const CallKey& key, const CallAnswer& answer) {
  std::promise<bool> told;
  ledger.answered(key, answer, [&](const Status& status) { told.set_value(status.ok()); });
  REQUIRE(told.get_future().get());
}

}  // namespace

LEDGER_TEST_CASE("A paid call that was answered is never to be made again") {
  TestType kit;

  const CallLedger::Standing first = intend(kit.ledger(), key_of(0));
  CHECK_FALSE(first.answer);
  CHECK_FALSE(first.may_have_been_made);
  CallAnswer answer;
  answer.http_status = 429;
  answer.headers = {{"retry-after", "1"}, {"x-twice", "a"}, {"x-twice", "b"}};
  answer.body = std::string("no \0 end, \xff", 12);
  answer.error_code = "http.truncated";
  answer.error_message = "cut";
  answered(kit.ledger(), key_of(0), answer);

  kit.restart();
  const CallLedger::Standing again = intend(kit.ledger(), key_of(0));
  REQUIRE(again.answer);
  CHECK(again.answer->http_status == 429);
  CHECK(again.answer->headers == answer.headers);
  CHECK(again.answer->body == answer.body);
  CHECK(again.answer->error_code == "http.truncated");
  CHECK(again.answer->error_message == "cut");
  CHECK_FALSE(again.may_have_been_made);
  CHECK(kit.possible_duplicates("run", "ask") == 0);
}

LEDGER_TEST_CASE("A paid call without an answer may be made again, and is counted") {
  TestType kit;

  CHECK(intend(kit.ledger(), key_of(0)).number == 0);
  CHECK(kit.possible_duplicates("run", "ask") == 0);
  kit.restart();
  const CallLedger::Standing again = intend(kit.ledger(), key_of(0));
  CHECK(again.may_have_been_made);
  CHECK(again.number == 0);
  CHECK(kit.possible_duplicates("run", "ask") == 1);
  CHECK(intend(kit.ledger(), key_of(0)).may_have_been_made);
  CHECK(kit.possible_duplicates("run", "ask") == 2);
  answered(kit.ledger(), key_of(0), answer_of("at last"));
  kit.restart();
  CHECK(intend(kit.ledger(), key_of(0)).answer->body == "at last");
  CHECK(kit.possible_duplicates("run", "ask") == 2);
  CHECK(kit.possible_duplicates("run", "ask2") == 0);
  CHECK(kit.possible_duplicates("run2", "ask") == 0);
}

LEDGER_TEST_CASE("A paid call is known by all that its key says") {
  TestType kit;
  intend(kit.ledger(), key_of(0));
  answered(kit.ledger(), key_of(0), answer_of("the first"));

  const auto changed = [](auto change) {
    CallKey key = key_of(0);
    change(key);
    return key;
  };
  const CallKey others[] = {
      changed([](CallKey& key) { key.run_id = "run2"; }), changed([](CallKey& key) { key.task_id = "ask2"; }),
      changed([](CallKey& key) { key.map_index = 0; }),   changed([](CallKey& key) { key.try_number = 2; }),
      changed([](CallKey& key) { key.reschedules = 1; }), changed([](CallKey& key) { key.digest = "d2"; }),
      changed([](CallKey& key) { key.ordinal = 1; })};
  for (const CallKey& other : others) {
    const CallLedger::Standing standing = intend(kit.ledger(), other);
    CHECK_FALSE(standing.answer);
    CHECK_FALSE(standing.may_have_been_made);
  }
  CHECK(intend(kit.ledger(), key_of(0)).answer->body == "the first");
}

LEDGER_TEST_CASE("The calls of an attempt are numbered in the order of their intents") {
  TestType kit;

  CHECK(intend(kit.ledger(), key_of(0, "zz")).number == 0);
  CHECK(intend(kit.ledger(), key_of(0, "aa")).number == 1);
  CHECK(intend(kit.ledger(), key_of(1, "zz")).number == 2);
  CallKey retry = key_of(0, "zz");
  retry.try_number = 2;
  CHECK(intend(kit.ledger(), retry).number == 0);
  answered(kit.ledger(), key_of(0, "aa"), answer_of("a"));
  CHECK(intend(kit.ledger(), key_of(0, "aa")).number == 1);
  CHECK(intend(kit.ledger(), key_of(0, "mm")).number == 3);
}

LEDGER_TEST_CASE("A paid call that never went out leaves nothing behind") {
  TestType kit;

  intend(kit.ledger(), key_of(0));
  kit.ledger().not_made(key_of(0));
  CHECK_FALSE(intend(kit.ledger(), key_of(0)).may_have_been_made);
  CHECK(kit.possible_duplicates("run", "ask") == 0);

  // The first of two was perhaps made; that the second was not changes nothing of that.
  CHECK(intend(kit.ledger(), key_of(0)).may_have_been_made);
  kit.ledger().not_made(key_of(0));
  CHECK(kit.possible_duplicates("run", "ask") == 0);
  CHECK(intend(kit.ledger(), key_of(0)).may_have_been_made);
  CHECK(kit.possible_duplicates("run", "ask") == 1);
}

LEDGER_TEST_CASE("A paid call that its connection sent twice is a possible duplicate") {
  TestType kit;
  intend(kit.ledger(), key_of(0));
  CallAnswer answer = answer_of("once more");
  answer.sent_twice = true;
  answered(kit.ledger(), key_of(0), answer);
  CHECK(kit.possible_duplicates("run", "ask") == 1);
}
