// A host that dies at each step of its attempt's paid calls, and again while it recovers.
//
//   ask --> intent --> on disk --> request --> (answer) --> recorded --> on disk --> told
//        ^          ^           ^           ^            ^            ^           ^        a step ends here or there

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/store/memory_call_ledger.hpp"
#include "host/net/http_server.hpp"
#include "tests/host/plugin/paid_network.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

constexpr int kForever = 1'000'000;

/// How many steps one life of the host has. What is asked of a dead one leads nowhere.
class Fate {
 public:
  explicit Fate(int steps) : steps_(steps) {}

  /// False: the host is dead.
  [[nodiscard]] bool step() {
    const std::lock_guard lock{mutex_};
    if (taken_ < steps_) return ++taken_, true;
    over_ = true;
    changed_.notify_all();
    return false;
  }
  void finish(std::vector<std::string> answers) {
    const std::lock_guard lock{mutex_};
    answers_ = std::move(answers);
    over_ = true;
    changed_.notify_all();
  }
  /// What the attempt was told, if it lived to see it.
  [[nodiscard]] std::optional<std::vector<std::string>> wait() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return over_; });
    return answers_;
  }
  [[nodiscard]] int taken() const { return taken_; }

 private:
  const int steps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int taken_ = 0;
  bool over_ = false;
  std::optional<std::vector<std::string>> answers_;
};

/// What survives every death: the disk, and the other side.
struct Outside {
  MemoryCallLedger disk;
  std::mutex mutex;                             ///< guards the rest
  std::map<std::string, int> asked;             ///< by idempotency key: how often the server was
  std::map<std::string, std::string> question;  ///< and what
  std::map<std::string, int> asked_when_recorded;
  std::map<std::string, std::string> recorded;
  int charged = 0;
  bool key_reused = false;
  std::shared_ptr<Fate> fate;  ///< of the life that is lived
};

/// The disk as a host sees it that dies before or after a commit.
class MortalLedger final : public CallLedger {
 public:
  MortalLedger(Outside& outside, std::shared_ptr<Fate> fate) : outside_(outside), fate_(std::move(fate)) {}

  void intend(CallKey key, std::function<void(Result<Standing>)> then) override {
    if (!fate_->step()) return;
    outside_.disk.intend(key, [&](Result<Standing> standing) {
      {
        const std::lock_guard lock{outside_.mutex};
        names_[key] = "run-1/ask/-1/1/" + std::to_string(standing->number);
      }
      if (fate_->step()) then(std::move(standing));
    });
  }
  void answered(CallKey key, CallAnswer answer, std::function<void(Status)> then) override {
    if (!fate_->step()) return;
    const std::string body = answer.body;
    outside_.disk.answered(key, std::move(answer), [&](const Status& status) {
      {
        const std::lock_guard lock{outside_.mutex};
        const std::string& name = names_[key];
        outside_.asked_when_recorded[name] = outside_.asked[name];
        outside_.recorded[name] = body;
      }
      if (fate_->step()) then(status);
    });
  }
  void not_made(CallKey key) override {
    if (fate_->step()) outside_.disk.not_made(std::move(key));
  }

 private:
  Outside& outside_;
  const std::shared_ptr<Fate> fate_;
  std::map<CallKey, std::string> names_;  ///< guarded by the outside's mutex
};

/// What an attempt asks: the questions of a round at the same time, the last one made from what it was told.
using Rounds = std::vector<std::vector<std::string>>;

/// One life of the attempt. Goes on in the callbacks, as a plugin does.
class Life {
 public:
  Life(Outside& outside, const Rounds& rounds, std::shared_ptr<Fate> fate, const std::string& origin)
      : rounds_(rounds), fate_(std::move(fate)), ledger_(outside, fate_), network_(ledger_, origin) {}

  void start() { ask_round(0); }

 private:
  void ask_round(std::size_t round) {
    const std::vector<std::string>& questions = rounds_[round];
    auto told = std::make_shared<std::vector<std::string>>(questions.size());
    auto missing = std::make_shared<std::size_t>(questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) {
      HttpAsk ask = PaidNetwork::ask(questions[i]);
      if (questions[i] == "what of it") {
        for (const std::string& answer : answers_) ask.request.body += " " + answer;
      }
      HttpGateway::Callbacks callbacks;
      callbacks.on_done = [this, round, i, told, missing](HttpResponse response) {
        if (!fate_->step()) return;
        (*told)[i] = response.error.empty() ? response.body : response.error;
        if (--*missing > 0) return;
        answers_.insert(answers_.end(), told->begin(), told->end());
        if (round + 1 < rounds_.size()) return ask_round(round + 1);
        fate_->finish(answers_);
      };
      network_.send(attempt_, std::move(ask), std::move(callbacks));
    }
  }

  const Rounds& rounds_;
  const std::shared_ptr<Fate> fate_;
  std::vector<std::string> answers_;  ///< used on the I/O thread
  MortalLedger ledger_;
  AskingAttempt attempt_;
  PaidNetwork network_;
};

/// The other side, as one life of the host sees it: what that sent may still come when the next life has begun.
std::unique_ptr<HttpServer> charging_server(Outside& outside, std::shared_ptr<Fate> fate) {
  return HttpServer::start({},
                           [&outside, fate = std::move(fate)](const HttpServerRequest& request,
                                                              const std::shared_ptr<HttpResponder>& responder) {
                             const std::string name{request.header("idempotency-key")};
                             std::string answer;
                             {
                               const std::lock_guard lock{outside.mutex};
                               ++outside.asked[name];
                               const bool is_late = fate != outside.fate && outside.recorded.contains(name);
                               if (is_late) ++outside.asked_when_recorded[name];  // it was asked before
                               const auto [known, fresh] = outside.question.emplace(name, request.body);
                               if (!fresh && known->second != request.body) outside.key_reused = true;
                               answer = "(" + std::to_string(++outside.charged) + ")";
                             }
                             if (!fate->step()) return static_cast<void>(responder->hang());
                             responder->answer(200, {}, answer);
                           })
      .value();
}

/// Lives as long as each of `steps` says, and then for as long as it takes. The number of steps that took.
int live(const Rounds& rounds, const std::vector<int>& steps, int most_duplicates) {
  Outside outside;
  std::vector<std::unique_ptr<HttpServer>> servers;
  std::optional<std::vector<std::string>> told;
  int deaths = 0;
  int last = 0;
  for (std::size_t i = 0; !told; ++i) {
    const auto fate = std::make_shared<Fate>(i < steps.size() ? steps[i] : kForever);
    {
      const std::lock_guard lock{outside.mutex};
      outside.fate = fate;
    }
    servers.push_back(charging_server(outside, fate));
    Life life{outside, rounds, fate, servers.back()->origin()};
    life.start();
    told = fate->wait();
    if (!told) ++deaths;
    last = fate->taken();
  }

  const std::lock_guard lock{outside.mutex};
  CHECK_FALSE(outside.key_reused);
  int repeated = 0;
  for (const auto& [name, times] : outside.asked) {
    CHECK(times == outside.asked_when_recorded[name]);  // never again once it was recorded
    repeated += times - 1;
  }
  const int counted = outside.disk.possible_duplicates("run-1", "ask", -1);
  CHECK(repeated <= counted);
  CHECK(counted <= deaths * most_duplicates);
  std::vector<std::string> recorded;
  for (const auto& [name, body] : outside.recorded) recorded.push_back(body);
  std::sort(recorded.begin(), recorded.end());
  std::sort(told->begin(), told->end());
  CHECK(*told == recorded);  // nobody was told what is not on record
  return last;
}

void sweep(const char* name, const Rounds& rounds, int most_duplicates) {
  const int steps = live(rounds, {}, 0);
  int lives = 0;
  for (int first = 0; first < steps; ++first) {
    INFO("died after step " << first);
    live(rounds, {first}, most_duplicates);
    ++lives;
    for (int second = 0; second < steps; ++second) {
      INFO("and again after step " << second);
      live(rounds, {first, second}, most_duplicates);
      ++lives;
    }
  }
  std::cout << "paid calls, " << name << ": " << steps << " steps, " << lives << " runs with one crash or two\n";
}

}  // namespace

TEST_CASE("No crash makes a recorded paid call again, and each possible duplicate is counted", "[host][plugin]") {
  SECTION("one call after another") { sweep("one by one", {{"a"}, {"b"}, {"a"}, {"what of it"}}, 1); }
  SECTION("several at the same time") { sweep("at the same time", {{"a", "b", "a"}, {"what of it"}}, 3); }
}
