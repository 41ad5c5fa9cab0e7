#include "host/plugin/abi_operator.hpp"

#include <atomic>

#include <catch2/catch.hpp>

#include "host/plugin/host_buffers.hpp"
#include "host/plugin/host_services.hpp"
#include "tests/host/plugin/host_fixture.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

std::atomic<int> created{0};
std::atomic<int> destroyed{0};
std::vector<lw_task*> held;

lw_code create(const lw_operator*, const lw_host*, lw_str, void** self) {
  *self = reinterpret_cast<void*>(static_cast<std::intptr_t>(++created));
  return LW_OK;
}
void destroy(void*) { ++destroyed; }
lw_code hold(void*, lw_task* task) {
  task->api->hold(task);
  held.push_back(task);
  return LW_DEFERRED;
}

lw_code refuse(const lw_operator*, const lw_host* host, lw_str settings, void**) {
  const lw_error error{sizeof(lw_error), 0, -1, {nullptr, 0}, settings, {nullptr, 0}};
  host->set_error(&error);
  return LW_FAIL;
}

PluginManifest::Entry entry_of(const lw_operator& table) {
  PluginManifest::Entry entry;
  entry.info.name = table.name;
  entry.flags = table.flags;
  entry.table = &table;
  return entry;
}

lw_operator table_of(std::uint32_t flags, decltype(lw_operator::create) create_fn) {
  return {sizeof(lw_operator), flags, "held", "1", "", nullptr, nullptr, create_fn, destroy, hold, nullptr};
}

void end_all() {
  for (lw_task* task : held) task->api->complete(task, LW_OK);
  held.clear();
}

}  // namespace

TEST_CASE("AbiOperator gives each simultaneous attempt an instance and uses them again", "[host][plugin]") {
  created = destroyed = 0;
  const lw_operator table = table_of(0, create);
  {
    HostFixture host;
    AbiOperator op{entry_of(table), "{}", host.services};
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 4; ++i) op.execute(std::make_shared<RecordingAttempt>(host.listener, "{}"));
      end_all();
    }
    CHECK(created == 4);
    CHECK(destroyed == 0);
  }
  CHECK(destroyed == 4);
}

TEST_CASE("AbiOperator makes a single instance of a concurrent operator", "[host][plugin]") {
  created = destroyed = 0;
  const lw_operator table = table_of(LW_OP_CONCURRENT, create);
  {
    HostFixture host;
    AbiOperator op{entry_of(table), "{}", host.services};
    CHECK(created == 0);
    for (int i = 0; i < 4; ++i) op.execute(std::make_shared<RecordingAttempt>(host.listener, "{}"));
    end_all();
    CHECK(created == 1);
  }
  CHECK(destroyed == 1);
}

TEST_CASE("AbiOperator fails the attempt with create()'s own words, and gives it the settings", "[host][plugin]") {
  const lw_operator table = table_of(0, refuse);
  HostFixture host;
  AbiOperator op{entry_of(table), R"({"model": 7})", host.services};
  const auto attempt = std::make_shared<RecordingAttempt>(host.listener, "{}");
  op.execute(attempt);
  CHECK(attempt->wait().kind == OutcomeKind::failed);
  CHECK(attempt->wait().error->message == R"(operator "held" could not be made ready: {"model": 7})");
}

TEST_CASE("AbiOperator does not begin an attempt that was cancelled while it waited for a thread", "[host][plugin]") {
  created = 0;
  const lw_operator table = table_of(0, create);
  HostFixture host;
  AbiOperator op{entry_of(table), "{}", host.services};
  const auto attempt = std::make_shared<RecordingAttempt>(host.listener, "{}");
  attempt->cancel_token().cancel();
  op.execute(attempt);
  REQUIRE(attempt->ended());
  CHECK(attempt->wait().kind == OutcomeKind::canceled);
  CHECK(created == 0);
}

TEST_CASE("lw_host offers every optional service by its id, and nothing else", "[host][plugin]") {
  const lw_host& host = host_table();
  for (const char* id : {"leeward.http/1", "leeward.timer/1", "leeward.call/1", "leeward.usage/1", "leeward.text/1",
                         "leeward.flow/1", "leeward.input/1", "leeward.wait/1"}) {
    CHECK(host.get_extension(id) != nullptr);
  }
  CHECK(host.get_extension("leeward.http/2") == nullptr);
  CHECK(host.get_extension(nullptr) == nullptr);
}

TEST_CASE("A buffer frees what it adopted when its last reference goes", "[host][plugin]") {
  int freed = 0;
  const char text[] = "[1,2]";
  const lw_buf* buffer = buffer_adopt(
      text, 5, [](void* arg) { ++*static_cast<int*>(arg); }, &freed);
  {
    const Value value = value_of(buffer);
    buffer_retain(buffer);
    buffer_release(buffer);
    buffer_release(buffer);
    CHECK(freed == 0);
    CHECK(value.json() == "[1,2]");
  }
  CHECK(freed == 1);
  buffer_release(nullptr);
}
