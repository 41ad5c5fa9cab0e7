#include "host/plugin/http_exchange.hpp"

#include <future>

#include <catch2/catch.hpp>

#include "host/net/http_server.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"
#include "tests/host/plugin/host_fixture.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

const std::string kKey = "sk-test-0123456789";

/// A plugin in miniature: asks for one path, gathers the pieces, and ends its task when it is answered.
struct Asker {
  Asker(HostFixture& host, const OperatorInfo& info)
      : attempt(std::make_shared<RecordingAttempt>(host.listener, "{}")),
        task(HostTask::create(attempt, info, host.services, 0, nullptr)),
        c(task.get()) {}

  void send(const std::string& path) {
    lw_http_request request{};
    request.size = sizeof request;
    request.connection_id = lend("c");
    request.url = lend(path);
    const lw_http_callbacks callbacks{sizeof callbacks, 0,
                                      [](void* arg, lw_str piece) { static_cast<Asker*>(arg)->text += text_of(piece); },
                                      [](void* arg, const lw_http_response* response) {
                                        auto& asker = *static_cast<Asker*>(arg);
                                        if (response->error != nullptr) asker.error = text_of(response->error->type);
                                        asker.c->api->complete(asker.c, LW_OK);
                                      },
                                      this};
    c->api->hold(c);
    REQUIRE(kHttpService.send(c, &request, &callbacks) == LW_OK);
    task->returned(LW_DEFERRED);
  }

  std::shared_ptr<RecordingAttempt> attempt;
  std::shared_ptr<HostTask> task;
  lw_task* c;
  std::string text;
  std::string error;
};

struct Served {
  explicit Served(HttpServer::Handler handler) : server(HttpServer::start({}, std::move(handler)).value()) {
    info.name = "asker";
    host.connections["c"] = {
        "c", server->origin(), kKey, "{}", 0, std::make_shared<const SecretMasker>(std::vector{kKey})};
  }
  std::unique_ptr<HttpServer> server;
  HostFixture host;
  OperatorInfo info;
};

}  // namespace

TEST_CASE("A key in a streamed answer is taken out, also where two pieces share it", "[host][plugin]") {
  Served served{[](HttpServerRequest, std::shared_ptr<HttpResponder> responder) {
    responder->begin(200, {}).piece("whole " + kKey + ", cut sk-te").piece("st-0123").piece("456789, and sk-t").end();
  }};
  Asker asker{served.host, served.info};
  asker.send("/");
  asker.attempt->wait();
  CHECK(asker.error.empty());
  CHECK(asker.text == "whole ***, cut ***, and sk-t");
}

TEST_CASE("A connection's max_concurrency makes the next request wait its turn", "[host][plugin]") {
  std::mutex mutex;
  std::vector<std::string> seen;
  std::promise<std::shared_ptr<HttpResponder>> first;
  Served served{[&](HttpServerRequest request, std::shared_ptr<HttpResponder> responder) {
    const std::lock_guard lock{mutex};
    seen.push_back(request.target);
    if (request.target == "/1") return first.set_value(std::move(responder));
    responder->answer(200, {}, "answer to " + request.target);
  }};
  served.host.connections["c"].max_concurrency = 1;
  Asker one{served.host, served.info};
  Asker two{served.host, served.info};
  Asker three{served.host, served.info};
  one.send("/1");
  two.send("/2");
  three.send("/3");
  const std::shared_ptr<HttpResponder> responder = first.get_future().get();

  // What is given up while it waits ends at once, and was never sent.
  two.attempt->cancel_token().cancel();
  two.attempt->wait();
  CHECK(two.error == "http.cancelled");
  CHECK_FALSE(three.attempt->ended());

  served.server->post([responder] { responder->answer(200, {}, "first"); });
  one.attempt->wait();
  three.attempt->wait();
  CHECK(one.text == "first");
  CHECK(three.text == "answer to /3");
  CHECK(seen == std::vector<std::string>{"/1", "/3"});
}

TEST_CASE("A request in flight that is cancelled makes room at its connection", "[host][plugin]") {
  std::promise<void> arrived;
  Served served{[&](HttpServerRequest request, std::shared_ptr<HttpResponder> responder) {
    if (request.target != "/1") return static_cast<void>(responder->answer(200, {}, "second"));
    responder->hang();
    arrived.set_value();
  }};
  served.host.connections["c"].max_concurrency = 1;
  Asker one{served.host, served.info};
  Asker two{served.host, served.info};
  one.send("/1");
  two.send("/2");
  arrived.get_future().wait();
  one.attempt->cancel_token().cancel();
  two.attempt->wait();
  CHECK(one.attempt->wait().kind == OutcomeKind::success);
  CHECK(one.error == "http.cancelled");
  CHECK(two.text == "second");
}
