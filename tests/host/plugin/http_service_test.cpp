#include <array>

#include <catch2/catch.hpp>
#include <leeward/ext/http.h>
#include <leeward/ext/timer.h>

#include "host/net/http_server.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"
#include "tests/host/plugin/host_fixture.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

constexpr const char* kKey = "sk-test-0123456789";

/// What on_done told, copied. A plugin in miniature: it completes its task.
struct Answer {
  lw_task* task = nullptr;
  int status = -1;
  std::string body;
  std::string headers;
  std::string error;
};

void done(void* arg, const lw_http_response* response) {
  auto& answer = *static_cast<Answer*>(arg);
  answer.status = response->status;
  answer.body = text_of(response->body);
  answer.headers = text_of(response->headers_json);
  if (response->error != nullptr) answer.error = text_of(response->error->type);
  answer.task->api->complete(answer.task, LW_OK);
}

/// A server that answers with what it was asked, keys included.
struct Asked {
  Asked() {
    HttpServer::Options options;
    server = HttpServer::start(options, [](HttpServerRequest request, std::shared_ptr<HttpResponder> responder) {
               if (request.path() == "/v1/hang") return static_cast<void>(responder->hang());
               const std::string echo = request.method + " " + request.target +
                                        " auth=" + std::string{request.header("authorization")} +
                                        " key=" + std::string{request.header("idempotency-key")} +
                                        " x=" + std::string{request.header("x-own")} + " " + request.body;
               responder->answer(request.path() == "/v1/refused" ? 401 : 200,
                                 {{"x-seen", std::string{request.header("authorization")}}}, echo);
             }).value();
    host.connections["c"] = {"c",  server->origin() + "/v1/",
                             kKey, "{}",
                             0,    std::make_shared<const SecretMasker>(std::vector<std::string>{kKey})};
    info.name = "asker";
    TaskCall call = RecordingAttempt::call_of("{}");
    call.task = &asking_task;
    attempt = std::make_shared<RecordingAttempt>(host.listener, std::move(call));
    task = HostTask::create(attempt, info, host.services, 0, nullptr);
    answer.task = task.get();
  }

  std::uint32_t size = LW_SIZE_UP_TO(lw_http_request, body);  ///< as before there were flags

  lw_code send(const std::string& connection, const std::string& url, const std::string& headers = "",
               const std::string& body = "") {
    lw_http_request request{};
    request.size = size;
    request.flags = LW_HTTP_PAID | LW_HTTP_IDEMPOTENCY_KEY;
    request.method = {"POST", 4};
    request.connection_id = lend(connection);
    request.url = lend(url);
    request.headers_json = lend(headers);
    request.body = lend(body);
    const lw_http_callbacks callbacks{sizeof callbacks, 0, nullptr, done, &answer};
    answer.task->api->hold(answer.task);
    const lw_code code = kHttpService.send(answer.task, &request, &callbacks);
    if (code != LW_OK) answer.task->api->complete(answer.task, LW_FAIL);
    task->returned(LW_DEFERRED);
    return code;
  }

  Task asking_task;
  std::unique_ptr<HttpServer> server;
  HostFixture host;
  OperatorInfo info;
  std::shared_ptr<RecordingAttempt> attempt;
  Answer answer;
  std::shared_ptr<HostTask> task;
};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("The HTTP service joins the connection's address and adds its key, which no plugin sees", "[host][plugin]") {
  Asked a;
  REQUIRE(a.send("c", "/chat/completions", R"({"X-Own": "yes"})", "body") == LW_OK);
  CHECK(a.attempt->wait().kind == OutcomeKind::success);
  CHECK(a.answer.status == 200);
  CHECK(a.answer.error.empty());
  CHECK(a.answer.body == "POST /v1/chat/completions auth=Bearer *** key= x=yes body");
  CHECK(contains(a.answer.headers, R"("x-seen":"Bearer ***")"));
}

TEST_CASE("What a plugin marks as paid is recorded, and nothing of a plugin that knows no marks", "[host][plugin]") {
  for (const bool marks : {true, false}) {
    Asked a;
    a.asking_task.id = "ask";
    if (marks) a.size = sizeof(lw_http_request);
    REQUIRE(a.send("c", "/chat") == LW_OK);
    a.attempt->wait();
    CHECK(contains(a.answer.body, marks ? " key=run-1/ask/-1/1/0 " : " key= "));
    CHECK(a.host.ledger.calls() == (marks ? 1u : 0u));
  }
}

TEST_CASE("The HTTP service takes keys out of refusals too", "[host][plugin]") {
  Asked a;
  REQUIRE(a.send("c", "refused") == LW_OK);
  a.attempt->wait();
  CHECK(a.answer.status == 401);
  CHECK_FALSE(contains(a.answer.body, kKey));
}

TEST_CASE("The HTTP service sends no key without a connection", "[host][plugin]") {
  Asked a;
  REQUIRE(a.send("", a.server->origin() + "/free") == LW_OK);
  a.attempt->wait();
  CHECK(contains(a.answer.body, "auth= "));
}

TEST_CASE("The HTTP service takes an absolute address of a connection only below its own", "[host][plugin]") {
  Asked below;
  REQUIRE(below.send("c", below.server->origin() + "/v1/models") == LW_OK);
  below.attempt->wait();
  CHECK(contains(below.answer.body, "/v1/models auth=Bearer"));
  for (const char* path : {"/v1x", "/v2/models", "@evil.example/v1"}) {
    Asked a;
    CHECK(a.send("c", a.server->origin() + path) == LW_INVALID);
    CHECK(a.attempt->wait().error->code == "http.invalid");
  }
}

TEST_CASE("The HTTP service refuses what makes no request", "[host][plugin]") {
  const std::vector<std::array<std::string, 3>> cases = {{"nobody", "/x", ""},
                                                         {"", "/relative", ""},
                                                         {"c", "/x", "[1]"},
                                                         {"c", "/x", R"({"a": 1})"},
                                                         {"c", "/x", R"({"Authorization": "Bearer mine"})"},
                                                         {"c", "/x", "{"}};
  for (const auto& [connection, url, headers] : cases) {
    Asked a;
    INFO(connection << " " << url << " " << headers);
    CHECK(a.send(connection, url, headers) == (connection == "nobody" ? LW_NOT_FOUND : LW_INVALID));
    CHECK(a.attempt->wait().kind == OutcomeKind::failed);
    CHECK(a.answer.status == -1);
  }
}

TEST_CASE("A request is cancelled with its task", "[host][plugin]") {
  Asked a;
  REQUIRE(a.send("c", "/hang") == LW_OK);
  a.attempt->cancel_token().cancel();
  a.attempt->wait();
  CHECK(a.answer.error == "http.cancelled");
}

TEST_CASE("A timer runs after its delay, and at once when its task is cancelled", "[host][plugin]") {
  struct Rung {
    lw_task* task;
    lw_code code = -1;
  };
  const auto ring = [](void* arg, lw_code code) {
    auto& rung = *static_cast<Rung*>(arg);
    rung.code = code;
    rung.task->api->complete(rung.task, LW_OK);
  };
  for (const bool cancelled : {false, true}) {
    Asked a;
    Rung rung{a.task.get()};
    a.task->hold();
    REQUIRE(kTimerService.after(a.task.get(), cancelled ? 3'600'000 : 1, ring, &rung) == LW_OK);
    a.task->returned(LW_DEFERRED);
    if (cancelled) a.attempt->cancel_token().cancel();
    a.attempt->wait();
    CHECK(rung.code == (cancelled ? LW_CANCELLED : LW_OK));
  }
}
