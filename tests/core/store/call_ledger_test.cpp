// What every CallLedger promises, asked of each.

#include "core/store/call_ledger.hpp"

#include <future>
#include <memory>
#include <vector>

#include <catch2/catch.hpp>

#include "core/store/memory_call_ledger.hpp"

using namespace leeward;

namespace {

class LedgerUnderTest {
 public:
  virtual ~LedgerUnderTest() = default;
  virtual CallLedger& ledger() = 0;
  virtual int possible_duplicates(const std::string& run_id, const std::string& task_id, int map_index) = 0;
};

class InMemory final : public LedgerUnderTest {
 public:
  CallLedger& ledger() override { return ledger_; }
  int possible_duplicates(const std::string& run_id, const std::string& task_id, int map_index) override {
    return ledger_.possible_duplicates(run_id, task_id, map_index);
  }

 private:
  MemoryCallLedger ledger_;
};

struct Kind {
  const char* name;
  std::unique_ptr<LedgerUnderTest> (*make)();
};
const std::vector<Kind> kKinds = {{"memory", [] { return std::unique_ptr<LedgerUnderTest>(new InMemory); }}};

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

TEST_CASE("A paid call that was answered is never to be made again", "[core][store]") {
  const auto kind = GENERATE(from_range(kKinds));
  INFO(kind.name);
  const auto under_test = kind.make();
  CallLedger& ledger = under_test->ledger();

  const CallLedger::Standing first = intend(ledger, key_of(0));
  CHECK_FALSE(first.answer);
  CHECK_FALSE(first.may_have_been_made);
  CallAnswer answer;
  answer.http_status = 429;
  answer.headers = {{"retry-after", "1"}, {"x-twice", "a"}, {"x-twice", "b"}};
  answer.body = std::string("no \0 end, \xff", 12);
  answer.error_code = "http.truncated";
  answer.error_message = "cut";
  answered(ledger, key_of(0), answer);

  const CallLedger::Standing again = intend(ledger, key_of(0));
  REQUIRE(again.answer);
  CHECK(again.answer->http_status == 429);
  CHECK(again.answer->headers == answer.headers);
  CHECK(again.answer->body == answer.body);
  CHECK(again.answer->error_code == "http.truncated");
  CHECK(again.answer->error_message == "cut");
  CHECK_FALSE(again.may_have_been_made);
  CHECK(under_test->possible_duplicates("run", "ask", -1) == 0);
}

TEST_CASE("A paid call without an answer may be made again, and is counted", "[core][store]") {
  const auto kind = GENERATE(from_range(kKinds));
  INFO(kind.name);
  const auto under_test = kind.make();
  CallLedger& ledger = under_test->ledger();

  CHECK(intend(ledger, key_of(0)).number == 0);
  CHECK(under_test->possible_duplicates("run", "ask", -1) == 0);
  const CallLedger::Standing again = intend(ledger, key_of(0));
  CHECK(again.may_have_been_made);
  CHECK(again.number == 0);
  CHECK(under_test->possible_duplicates("run", "ask", -1) == 1);
  CHECK(intend(ledger, key_of(0)).may_have_been_made);
  CHECK(under_test->possible_duplicates("run", "ask", -1) == 2);
  answered(ledger, key_of(0), answer_of("at last"));
  CHECK(intend(ledger, key_of(0)).answer->body == "at last");
  CHECK(under_test->possible_duplicates("run", "ask", -1) == 2);
  CHECK(under_test->possible_duplicates("run", "other", -1) == 0);
  CHECK(under_test->possible_duplicates("run", "ask", 0) == 0);
}

TEST_CASE("A paid call is known by all that its key says", "[core][store]") {
  const auto kind = GENERATE(from_range(kKinds));
  INFO(kind.name);
  const auto under_test = kind.make();
  CallLedger& ledger = under_test->ledger();
  intend(ledger, key_of(0));
  answered(ledger, key_of(0), answer_of("the first"));

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
    const CallLedger::Standing standing = intend(ledger, other);
    CHECK_FALSE(standing.answer);
    CHECK_FALSE(standing.may_have_been_made);
  }
  CHECK(intend(ledger, key_of(0)).answer->body == "the first");
}

TEST_CASE("The calls of an attempt are numbered in the order of their intents", "[core][store]") {
  const auto kind = GENERATE(from_range(kKinds));
  INFO(kind.name);
  const auto under_test = kind.make();
  CallLedger& ledger = under_test->ledger();

  CHECK(intend(ledger, key_of(0, "zz")).number == 0);
  CHECK(intend(ledger, key_of(0, "aa")).number == 1);
  CHECK(intend(ledger, key_of(1, "zz")).number == 2);
  CallKey retry = key_of(0, "zz");
  retry.try_number = 2;
  CHECK(intend(ledger, retry).number == 0);
  answered(ledger, key_of(0, "aa"), answer_of("a"));
  CHECK(intend(ledger, key_of(0, "aa")).number == 1);
  CHECK(intend(ledger, key_of(0, "mm")).number == 3);
}

TEST_CASE("A paid call that never went out leaves nothing behind", "[core][store]") {
  const auto kind = GENERATE(from_range(kKinds));
  INFO(kind.name);
  const auto under_test = kind.make();
  CallLedger& ledger = under_test->ledger();

  intend(ledger, key_of(0));
  ledger.not_made(key_of(0));
  CHECK_FALSE(intend(ledger, key_of(0)).may_have_been_made);
  CHECK(under_test->possible_duplicates("run", "ask", -1) == 0);

  // The first of two was perhaps made; that the second was not changes nothing of that.
  CHECK(intend(ledger, key_of(0)).may_have_been_made);
  ledger.not_made(key_of(0));
  CHECK(under_test->possible_duplicates("run", "ask", -1) == 0);
  CHECK(intend(ledger, key_of(0)).may_have_been_made);
  CHECK(under_test->possible_duplicates("run", "ask", -1) == 1);
}

TEST_CASE("A paid call that its connection sent twice is a possible duplicate", "[core][store]") {
  const auto kind = GENERATE(from_range(kKinds));
  INFO(kind.name);
  const auto under_test = kind.make();
  CallLedger& ledger = under_test->ledger();
  intend(ledger, key_of(0));
  CallAnswer answer = answer_of("once more");
  answer.sent_twice = true;
  answered(ledger, key_of(0), answer);
  CHECK(under_test->possible_duplicates("run", "ask", -1) == 1);
}
