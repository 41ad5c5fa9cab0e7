#include <cstdint>
#include <string>

#include <catch2/catch.hpp>

#include "core/engine/mapped_items.hpp"
#include "core/load/template_parser.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/object_scope.hpp"
#include "tests/support/staged_run.hpp"

using namespace leeward;
using namespace leeward::test;

// A large value is made once and then lent: whoever reads it is given a pointer to the same bytes. These tests compare
// the pointers, because a copy too many shows nowhere else.

namespace {

constexpr std::size_t kLarge = 10'000'000;
constexpr std::uint32_t kInstances = 1000;

ValueTemplate value_of(std::string_view placeholder) {
  ValueTemplate value;
  value.slots.push_back({"", parse_template(placeholder).value(), {}});
  return value;
}

/// Mapped over what the placeholder yields.
std::shared_ptr<const Mapping> mapped_over(std::string_view placeholder, std::vector<ContextRead> reads) {
  auto mapping = std::make_shared<Mapping>();
  mapping->keys.push_back({"item", {ItemSource::Kind::value, value_of(placeholder), {}, {}}});
  mapping->reads = std::move(reads);
  return mapping;
}

std::string numbers(std::size_t count) {
  std::string list = "[0";
  for (std::size_t i = 1; i < count; ++i) list += ',' + std::to_string(i);
  return list + ']';
}

/// The same bytes at the same place.
bool same(const Value& a, const Value& b) {
  return a.json().data() == b.json().data() && a.json().size() == b.json().size();
}

bool within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

/// Runs `a`, which returns `large`, and then `b`, mapped over 1,000 numbers, which opens `key` of what `a` published.
/// Gives what each instance of `b` was lent.
std::vector<Value> lent(const Value& large, std::string_view key, const std::function<void(Task&)>& adjust) {
  const auto dag = dag_of("a; b <- a", [&](Task& task) {
    adjust(task);
    if (task.id != "b") return;
    task.opened = {{std::string{key}, {TaskIndex{0}}}};
    auto mapping = std::make_shared<Mapping>();
    ValueTemplate list;
    list.json_after = numbers(kInstances);
    mapping->keys.push_back({"i", {ItemSource::Kind::value, std::move(list), {}, {}}});
    task.mapping = std::move(mapping);
  });
  Stage stage;
  StagedRun run(stage, dag, run_info(), [&](const TaskCall& call) {
    SimulatedExecutor::Step step;
    if (call.task->id == "a") step.outcome.value = large;
    return step;
  });
  run.run();
  CHECK(run.state() == RunState::success);
  std::vector<Value> values;
  for (const TaskCall& call : run.executor().started()) {
    if (call.task->id == "b" && call.context.size() == 1) values.push_back(call.context[0].second);
  }
  return values;
}

}  // namespace

TEST_CASE("A thousand instances that ask for a large value are lent the producer's own bytes", "[engine]") {
  const Value large{json_quote(std::string(kLarge, 'x'))};
  const auto values = lent(large, "big", [](Task& task) {
    if (task.id == "a") task.output_key = "big";
  });
  REQUIRE(values.size() == kInstances);
  for (const Value& value : values) REQUIRE(same(value, large));
}

TEST_CASE("A member published under its own name is lent out of the whole result", "[engine]") {
  const Value large{R"({"n":1,"text":)" + json_quote(std::string(kLarge, 'x')) + "}"};
  const auto values = lent(large, "text", [](Task& task) {
    if (task.id == "a") task.outputs = {"n", "text"};
  });
  REQUIRE(values.size() == kInstances);
  for (const Value& value : values) REQUIRE(within(value.json(), large.json()));
}

TEST_CASE("The members that instances published are made a list once, however many are lent it", "[engine]") {
  const Value large{R"({"text":)" + json_quote(std::string(kLarge / 10, 'x')) + "}"};
  const auto values = lent(large, "text", [](Task& task) {
    if (task.id != "a") return;
    task.outputs = {"text"};
    auto mapping = std::make_shared<Mapping>();
    ValueTemplate list;
    list.json_after = "[1,2,3]";
    mapping->keys.push_back({"i", {ItemSource::Kind::value, std::move(list), {}, {}}});
    task.mapping = std::move(mapping);
  });
  REQUIRE(values.size() == kInstances);
  CHECK(values[0].json().size() > kLarge / 10 * 3);
  for (const Value& value : values) REQUIRE(same(value, values[0]));
}

TEST_CASE("The items of a mapping are views into the list that was published", "[engine]") {
  std::string text = R"({"big": [)";
  for (std::uint32_t i = 0; i < kInstances; ++i) {
    text += (i > 0 ? "," : "") + json_quote(std::string(kLarge / kInstances, 'x'));
  }
  const ObjectScope scope{text + "]}"};
  const auto mapping = mapped_over("{big}", {});
  const auto items = MappedItems::render(*mapping, scope);
  REQUIRE(items);
  REQUIRE((*items)->size() == kInstances);
  const std::string_view whole = scope.find("big").text();
  for (std::uint32_t i = 0; i < kInstances; ++i) {
    REQUIRE(within((*items)->items_of(static_cast<std::int32_t>(i))[0].second.text(), whole));
  }
}

TEST_CASE("An instance of a task mapped over a large list copies its own item and no other", "[engine]") {
  const auto dag = dag_of("a; b <- a", [](Task& task) {
    if (task.id == "a") task.output_key = "big";
    if (task.id != "b") return;
    task.mapping = mapped_over("{big}", {{"big", {TaskIndex{0}}}});
    task.reads = {{"item", {}}};
    task.with.slots.push_back({R"({"value":)", parse_template("{item}").value(), {}});
    task.with.json_after = "}";
  });
  const std::string item = json_quote(std::string(kLarge / kInstances, 'x'));
  std::string list = "[" + item;
  for (std::uint32_t i = 1; i < kInstances; ++i) list += "," + item;
  Stage stage;
  StagedRun run(stage, dag, run_info(), [&](const TaskCall& call) {
    SimulatedExecutor::Step step;
    if (call.task->id == "a") step.outcome.value = Value{list + "]"};
    return step;
  });
  run.run();
  std::uint32_t instances = 0;
  for (const TaskCall& call : run.executor().started()) {
    if (call.task->id != "b") continue;
    ++instances;
    REQUIRE(call.params.json().size() == item.size() + std::string_view{R"({"value":})"}.size());
  }
  CHECK(instances == kInstances);
}
