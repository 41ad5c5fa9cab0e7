// Paid requests at the gateway: what is recorded when, and what a recorded answer spares.

#include "host/plugin/paid_call.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "core/store/memory_call_ledger.hpp"
#include "host/net/http_server.hpp"
#include "tests/host/plugin/paid_network.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

/// What happened, in order, whoever did it.
class Story {
 public:
  void add(std::string line) {
    const std::lock_guard lock{mutex_};
    lines_.push_back(std::move(line));
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};
using Lines = std::vector<std::string>;

/// Commits when the test says so, or fails as it says.
class ScriptedLedger final : public CallLedger {
 public:
  explicit ScriptedLedger(Story& story) : story_(story) {}

  void intend(CallKey key, std::function<void(Result<Standing>)> then) override {
    if (fail_intents) return then(Error{"store.full", "the disk is full"});
    do_or_hold([this, key = std::move(key), then = std::move(then)] {
      story_.add("intent");
      disk.intend(key, then);
    });
  }
  void answered(CallKey key, CallAnswer answer, std::function<void(Status)> then) override {
    if (fail_answers) return then(Error{"store.full", "the disk is full"});
    do_or_hold([this, key = std::move(key), answer = std::move(answer), then = std::move(then)] {
      story_.add("answer");
      disk.answered(key, answer, then);
    });
  }
  void not_made(CallKey key) override {
    story_.add("taken back");
    disk.not_made(std::move(key));
  }

  /// Waits until somebody wants to have something recorded, and returns what does it.
  [[nodiscard]] std::function<void()> next() {
    std::unique_lock lock{mutex_};
    asked_.wait(lock, [this] { return !held_.empty(); });
    auto work = std::move(held_.front());
    held_.pop_front();
    return work;
  }

  /// Holds nothing any more, and forgets what it held.
  void let_go() {
    hold = false;
    const std::lock_guard lock{mutex_};
    held_.clear();
  }

  MemoryCallLedger disk;
  std::atomic<bool> hold{false};
  bool fail_intents = false;
  bool fail_answers = false;

 private:
  void do_or_hold(std::function<void()> work) {
    if (!hold) return work();
    const std::lock_guard lock{mutex_};
    held_.push_back(std::move(work));
    asked_.notify_all();
  }

  Story& story_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::deque<std::function<void()>> held_;
};

/// A server that charges: each answer says the how-manyth it is, and what was asked.
class ChargingServer {
 public:
  explicit ChargingServer(Story& story) : story_(story) {}

  [[nodiscard]] std::string origin() const { return server_->origin(); }
  [[nodiscard]] int charged() const { return charged_; }
  /// From now on the server says nothing, but keeps listening.
  void fall_silent() { silent_ = true; }
  void break_answers() { broken_ = true; }
  [[nodiscard]] std::string last_key() const {
    const std::lock_guard lock{mutex_};
    return last_key_;
  }

 private:
  void answer(const HttpServerRequest& request, HttpResponder& responder) {
    if (request.body == "free") return static_cast<void>(responder.answer(200, {}, "free"));
    story_.add("request");
    {
      const std::lock_guard lock{mutex_};
      last_key_ = request.header("idempotency-key");
    }
    const int number = ++charged_;
    if (silent_) return static_cast<void>(responder.hang());
    if (broken_) return static_cast<void>(responder.begin(200, {}).piece("half").reset());
    const std::string text = std::to_string(number) + ": " + request.body;
    if (request.body == "stream me") {
      responder.begin(200, {{"x-kind", "stream"}}).piece(text.substr(0, 4)).piece(text.substr(4)).end();
    } else {
      responder.answer(request.body == "refuse me" ? 429 : 200, {{"retry-after", "7"}}, text);
    }
  }

  Story& story_;
  mutable std::mutex mutex_;
  std::string last_key_;
  std::atomic<int> charged_{0};
  std::atomic<bool> silent_{false};
  std::atomic<bool> broken_{false};
  std::unique_ptr<HttpServer> server_ =
      HttpServer::start({}, [this](const HttpServerRequest& request, const std::shared_ptr<HttpResponder>& responder) {
        answer(request, *responder);
      }).value();
};

/// A network that can go at any moment: a client waits for what a ledger holds.
class ScriptedNetwork final : public PaidNetwork {
 public:
  ScriptedNetwork(ScriptedLedger& ledger, std::string origin)
      : PaidNetwork(ledger, std::move(origin)), ledger_(ledger) {}
  ~ScriptedNetwork() override { ledger_.let_go(); }

 private:
  ScriptedLedger& ledger_;
};

struct World {
  Story story;
  ScriptedLedger ledger{story};
  ChargingServer server{story};

  [[nodiscard]] int possible_duplicates() const { return ledger.disk.possible_duplicates("run-1", "ask", -1); }
  [[nodiscard]] ScriptedNetwork network() { return {ledger, server.origin()}; }
  /// Something else that goes there and back meanwhile: what was not held back would be there before it.
  static void let_pass(PaidNetwork& network, const Attempt& by) {
    HttpAsk ask = PaidNetwork::ask("free");
    ask.paid = false;
    for (int i = 0; i < 3; ++i) CHECK(network.send(by, ask)->wait().body == "free");
  }
};

}  // namespace

TEST_CASE("A paid request goes out when its intent is recorded, and is told when its answer is", "[host][plugin]") {
  World world;
  const AskingAttempt attempt;
  ScriptedNetwork network = world.network();
  world.ledger.hold = true;
  HttpGateway::Callbacks callbacks;
  const auto end = std::make_shared<PaidAnswer>();
  callbacks.on_done = [&, end](HttpResponse response) {
    world.story.add("told");
    end->end(std::move(response));
  };
  network.send(attempt, PaidNetwork::ask("q"), std::move(callbacks));

  const auto commit_intent = world.ledger.next();
  World::let_pass(network, attempt);
  CHECK(world.story.lines().empty());
  commit_intent();
  const auto commit_answer = world.ledger.next();
  World::let_pass(network, attempt);
  CHECK(world.story.lines() == Lines{"intent", "request"});
  commit_answer();
  CHECK(end->wait().body == "1: q");
  CHECK(world.story.lines() == Lines{"intent", "request", "answer", "told"});
}

TEST_CASE("An attempt that is started again gets its recorded answers, each for its own question", "[host][plugin]") {
  World world;
  Lines first;
  {
    const AskingAttempt attempt;
    ScriptedNetwork network = world.network();
    for (const char* question : {"a", "b", "a"}) {
      first.push_back(network.send(attempt, PaidNetwork::ask(question))->wait().body);
    }
    const HttpResponse refused = network.send(attempt, PaidNetwork::ask("refuse me"))->wait();
    CHECK(refused.status == 429);
  }
  CHECK(first == Lines{"1: a", "2: b", "3: a"});

  const AskingAttempt again;
  ScriptedNetwork network = world.network();
  CHECK(network.send(again, PaidNetwork::ask("b"))->wait().body == "2: b");
  CHECK(network.send(again, PaidNetwork::ask("a"))->wait().body == "1: a");
  const HttpResponse refused = network.send(again, PaidNetwork::ask("refuse me"))->wait();
  CHECK(refused.status == 429);
  CHECK(refused.header("retry-after") == "7");
  CHECK(refused.body == "4: refuse me");
  CHECK(network.send(again, PaidNetwork::ask("a"))->wait().body == "3: a");
  CHECK(world.server.charged() == 4);
  CHECK(world.possible_duplicates() == 0);
  CHECK(network.spared() == 4);

  // What was not asked before is asked now, and so is everything by the next try.
  CHECK(network.send(again, PaidNetwork::ask("a"))->wait().body == "5: a");
  const AskingAttempt retry{2};
  CHECK(network.send(retry, PaidNetwork::ask("a"))->wait().body == "6: a");
  CHECK(network.spared() == 4);
}

TEST_CASE("A streamed answer is shown as it comes, and replayed by the same callbacks", "[host][plugin]") {
  World world;
  {
    const AskingAttempt attempt;
    ScriptedNetwork network = world.network();
    world.ledger.hold = true;
    const auto answer = network.send(attempt, PaidNetwork::ask("stream me"), true);
    world.ledger.next()();
    const auto commit_answer = world.ledger.next();
    CHECK(answer->shown() == "1: stream me");  // progress: nothing is decided yet
    World::let_pass(network, attempt);
    CHECK_FALSE(answer->told());
    commit_answer();
    CHECK(answer->wait().body.empty());
  }
  world.ledger.hold = false;
  const AskingAttempt again;
  ScriptedNetwork network = world.network();
  const auto answer = network.send(again, PaidNetwork::ask("stream me"), true);
  const HttpResponse response = answer->wait();
  CHECK(response.status == 200);
  CHECK(response.header("x-kind") == "stream");
  CHECK(response.body.empty());
  CHECK(answer->shown() == "1: stream me");
  CHECK(world.server.charged() == 1);
}

TEST_CASE("A paid answer that broke breaks the same way when it is replayed", "[host][plugin]") {
  World world;
  world.server.break_answers();
  for (int life = 0; life < 2; ++life) {
    const AskingAttempt attempt;
    ScriptedNetwork network = world.network();
    const auto answer = network.send(attempt, PaidNetwork::ask("q"), true);
    const HttpResponse response = answer->wait();
    CHECK(response.error == "http.reset");
    CHECK(response.status == 200);
    CHECK(answer->shown() == "half");
  }
  CHECK(world.server.charged() == 1);
  CHECK(world.possible_duplicates() == 0);
}

TEST_CASE("A paid request that was cancelled on its way is made again, and counted", "[host][plugin]") {
  World world;
  world.server.fall_silent();
  {
    const AskingAttempt attempt;
    ScriptedNetwork network = world.network();
    const auto answer = network.send(attempt, PaidNetwork::ask("q"));
    while (world.server.charged() == 0) std::this_thread::yield();
    answer->cancel();
    CHECK(answer->wait().error == "http.cancelled");
  }
  CHECK(world.possible_duplicates() == 0);
  const AskingAttempt again;
  ScriptedNetwork network = world.network();
  const auto answer = network.send(again, PaidNetwork::ask("q"));
  while (world.server.charged() == 1 && !answer->told()) std::this_thread::yield();
  CHECK(world.possible_duplicates() == 1);
  answer->cancel();
  static_cast<void>(answer->wait());
}

TEST_CASE("A paid request that never went out leaves no trace, and its place to the next", "[host][plugin]") {
  World world;
  const AskingAttempt attempt;
  {
    const std::string nowhere = [] { return HttpServer::start({}, [](auto, auto) {}).value()->origin(); }();
    PaidNetwork unreachable{world.ledger, nowhere};
    CHECK(unreachable.send(attempt, PaidNetwork::ask("q"))->wait().error == "http.connect");
  }
  CHECK(world.story.lines() == Lines{"intent", "taken back"});
  ScriptedNetwork network = world.network();
  CHECK(network.send(attempt, PaidNetwork::ask("q"))->wait().body == "1: q");
  const AskingAttempt again;
  CHECK(network.send(again, PaidNetwork::ask("q"))->wait().body == "1: q");
  CHECK(world.possible_duplicates() == 0);
}

TEST_CASE("A paid request that is cancelled before its turn is not recorded at all", "[host][plugin]") {
  World world;
  const AskingAttempt attempt;
  ScriptedNetwork network = world.network();
  SECTION("while it waits for another") {
    world.server.fall_silent();
    network.max_concurrency = 1;
    const auto first = network.send(attempt, PaidNetwork::ask("first"));
    const auto second = network.send(attempt, PaidNetwork::ask("second"));
    second->cancel();
    CHECK(second->wait().error == "http.cancelled");
    while (world.server.charged() == 0) std::this_thread::yield();
    CHECK(world.story.lines() == Lines{"intent", "request"});
    first->cancel();
    static_cast<void>(first->wait());
  }
  SECTION("while its intent is recorded") {
    world.ledger.hold = true;
    const auto answer = network.send(attempt, PaidNetwork::ask("q"));
    const auto commit_intent = world.ledger.next();
    answer->cancel();
    commit_intent();
    CHECK(answer->wait().error == "http.cancelled");
    CHECK(world.story.lines() == Lines{"intent", "taken back"});
  }
  CHECK(world.possible_duplicates() == 0);
}

TEST_CASE("Where the record fails nothing is sent, and no unrecorded answer is told", "[host][plugin]") {
  World world;
  const AskingAttempt attempt;
  ScriptedNetwork network = world.network();
  SECTION("the intent's") {
    world.ledger.fail_intents = true;
    const HttpResponse response = network.send(attempt, PaidNetwork::ask("q"))->wait();
    CHECK(response.error == "http.not_recorded");
    CHECK(response.message == "the request costs money, and that it will be sent cannot be recorded: the disk is full");
    CHECK(world.server.charged() == 0);
  }
  SECTION("the answer's") {
    world.ledger.fail_answers = true;
    const HttpResponse response = network.send(attempt, PaidNetwork::ask("q"))->wait();
    CHECK(response.error == "http.not_recorded");
    CHECK(response.status == 0);
    CHECK(response.body.empty());
    CHECK(world.server.charged() == 1);
    world.ledger.fail_answers = false;
    const AskingAttempt again;
    CHECK(network.send(again, PaidNetwork::ask("q"))->wait().body == "2: q");
    CHECK(world.possible_duplicates() == 1);
  }
}

TEST_CASE("The idempotency key names the call, and stays with it over crashes", "[host][plugin]") {
  World world;
  const AskingAttempt attempt;
  ScriptedNetwork network = world.network();
  static_cast<void>(network.send(attempt, PaidNetwork::ask("a"))->wait());
  CHECK(world.server.last_key() == "run-1/ask/-1/1/0");
  world.ledger.fail_answers = true;
  static_cast<void>(network.send(attempt, PaidNetwork::ask("b"))->wait());
  CHECK(world.server.last_key() == "run-1/ask/-1/1/1");
  world.ledger.fail_answers = false;
  const AskingAttempt again;
  static_cast<void>(network.send(again, PaidNetwork::ask("b"))->wait());
  CHECK(world.server.last_key() == "run-1/ask/-1/1/1");

  HttpAsk own = PaidNetwork::ask("c");
  own.headers_json = R"({"Idempotency-Key": "mine"})";
  static_cast<void>(network.send(attempt, own)->wait());
  CHECK(world.server.last_key() == "mine");
  HttpAsk none = PaidNetwork::ask("d");
  none.idempotency_key = false;
  static_cast<void>(network.send(attempt, none)->wait());
  CHECK(world.server.last_key().empty());
}

TEST_CASE("What costs nothing is not recorded, nor what a callback asks", "[host][plugin]") {
  World world;
  const AskingAttempt attempt;
  const AskingAttempt callback{1, false};
  ScriptedNetwork network = world.network();
  HttpAsk unpaid = PaidNetwork::ask("q");
  unpaid.paid = false;
  CHECK(network.send(attempt, unpaid)->wait().body == "1: q");
  CHECK(network.send(attempt, unpaid)->wait().body == "2: q");
  CHECK(network.send(callback, PaidNetwork::ask("q"))->wait().body == "3: q");
  CHECK(world.story.lines() == Lines{"request", "request", "request"});
}
