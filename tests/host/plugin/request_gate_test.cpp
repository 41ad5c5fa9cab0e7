#include "host/plugin/request_gate.hpp"

#include <vector>

#include <catch2/catch.hpp>

using leeward::RequestGate;

TEST_CASE("RequestGate lets as many through as the limit says, and the others in their order", "[host][plugin]") {
  RequestGate gate;
  std::vector<int> started;
  std::vector<RequestGate::Ticket> tickets;
  for (int i = 0; i < 5; ++i) tickets.push_back(gate.enter("a", 2, [&started, i] { started.push_back(i); }));
  CHECK(started == std::vector<int>{0, 1});
  CHECK(tickets[1] == 0);
  CHECK(tickets[2] != 0);
  gate.leave("a");
  CHECK(started == std::vector<int>{0, 1, 2});
  gate.leave("a");
  gate.leave("a");
  CHECK(started == std::vector<int>{0, 1, 2, 3, 4});
  gate.leave("a");
  gate.leave("a");
  static_cast<void>(gate.enter("a", 1, [&started] { started.push_back(5); }));
  CHECK(started.back() == 5);
}

TEST_CASE("RequestGate forgets a request that is given up while it waits", "[host][plugin]") {
  RequestGate gate;
  std::vector<int> started;
  const auto enter = [&](int i) { return gate.enter("a", 1, [&started, i] { started.push_back(i); }); };
  static_cast<void>(enter(0));
  const RequestGate::Ticket second = enter(1);
  static_cast<void>(enter(2));
  CHECK(gate.abandon("a", second));
  CHECK_FALSE(gate.abandon("a", second));
  gate.leave("a");
  CHECK(started == std::vector<int>{0, 2});
  CHECK_FALSE(gate.abandon("a", second + 1));
}

TEST_CASE("RequestGate counts each connection for itself", "[host][plugin]") {
  RequestGate gate;
  int started = 0;
  const auto count = [&started] { ++started; };
  CHECK(gate.enter("a", 1, count) == 0);
  CHECK(gate.enter("b", 1, count) == 0);
  CHECK(gate.enter("b", 1, count) != 0);
  CHECK(started == 2);
}
