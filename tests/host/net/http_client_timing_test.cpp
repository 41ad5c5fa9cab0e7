#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "host/net/tcp_socket.hpp"
#include "tests/host/net/http_fixture.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

HttpRequest request_to(const std::string& url) {
  HttpRequest request;
  request.url = url;
  return request;
}

std::unique_ptr<HttpServer> silent_server() {
  return serve([](const HttpServerRequest&, const Responder& responder) { responder->hang(); });
}

}  // namespace

TEST_CASE("HttpClient gives up on a server that accepts and says nothing", "[net]") {
  auto server = silent_server();
  HttpClient client({});
  HttpRequest request = request_to(server->origin());
  request.first_byte_timeout = 50ms;
  const HttpResponse response = fetch(client, request);
  CHECK(response.error == "http.timeout.first_byte");
  CHECK_THAT(response.message, Catch::Contains("0.05 s"));
  CHECK(response.status == 0);
}

TEST_CASE("HttpClient gives up on an answer that stops in the middle", "[net]") {
  for (const std::string bytes : {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "HTTP/1.1 200 OK\r\nContent-Le",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    auto server = serve([&](const HttpServerRequest&, const Responder& responder) { responder->raw(bytes).hang(); });
    HttpClient client({});
    HttpRequest request = request_to(server->origin());
    request.idle_timeout = 50ms;
    CHECK(fetch(client, request).error == "http.timeout.idle");
  }
}

TEST_CASE("HttpClient gives dripping headers one idle timeout, and each piece of a body its own", "[net]") {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n";
  auto server = serve([&](const HttpServerRequest& request, const Responder& responder) {
    const bool slow_head = request.path() == "/head";
    const std::string slow = slow_head ? head : std::string(30, 'x');
    if (!slow_head) responder->raw(head);
    for (const char c : slow) responder->wait(40ms).raw(std::string(1, c));
    responder->close();
  });
  HttpClient client({});
  HttpRequest request = request_to(server->origin() + "/head");
  request.idle_timeout = 1000ms;
  auto headers = send(client, request);
  request.url = server->origin() + "/body";
  auto body = send(client, request);
  CHECK(headers.get().error == "http.timeout.idle");
  CHECK(body.get().error.empty());
}

TEST_CASE("HttpClient gives up on a server that does not read the request", "[net]") {
  // The system takes the connection and as many bytes as its buffers hold; nobody ever asks for them.
  const int listener = listen_tcp(numeric_address("127.0.0.1", 0).value()).value();
  HttpClient client({});
  HttpRequest request = request_to("http://127.0.0.1:" + std::to_string(bound_port(listener)) + "/");
  request.method = "POST";
  request.body.assign(30'000'000, 'x');
  request.idle_timeout = 50ms;
  const HttpResponse response = fetch(client, request);
  CHECK(response.error == "http.timeout.idle");
  CHECK_THAT(response.message, Catch::Contains("took nothing"));
  ::close(listener);
}

TEST_CASE("HttpClient ends a request when its whole time is over, however it goes on", "[net]") {
  auto server = serve([](const HttpServerRequest&, const Responder& responder) {
    responder->begin(200, {});
    for (int i = 0; i < 1000; ++i) responder->piece("x").wait(10ms);
    responder->end();
  });
  HttpClient client({});
  HttpRequest request = request_to(server->origin());
  request.total_timeout = 100ms;
  const HttpResponse response = fetch(client, request);
  CHECK(response.error == "http.timeout.total");
  CHECK(response.status == 200);
}

TEST_CASE("HttpClient counts waiting for a connection as part of the whole time", "[net]") {
  auto server = silent_server();
  HttpClient::Options options;
  options.max_connections = 1;
  HttpClient client(options);
  auto first = send(client, request_to(server->origin()));
  HttpRequest request = request_to(server->origin());
  request.total_timeout = 50ms;
  CHECK(fetch(client, request).error == "http.timeout.total");
  first.handle->cancel();
  CHECK(first.get().error == "http.cancelled");
}

TEST_CASE("HttpClient gives up on a connection that is not made in time", "[net]") {
  // A listener whose queue is full drops what knocks: connecting then goes on for ever.
  const auto address = numeric_address("127.0.0.1", 0).value();
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0);
  REQUIRE(::listen(listener, 0) == 0);
  const std::uint16_t port = bound_port(listener);
  HttpClient client({});
  HttpRequest request = request_to("http://127.0.0.1:" + std::to_string(port) + "/");
  std::vector<Pending> filling;
  for (int i = 0; i < 4; ++i) filling.push_back(send(client, request));
  request.connect_timeout = 100ms;
  CHECK(fetch(client, request).error == "http.timeout.connect");
  ::close(listener);
}

TEST_CASE("HttpClient cancels a request wherever it is, once", "[net]") {
  auto server = serve([](const HttpServerRequest& request, const Responder& responder) {
    if (request.path() == "/body") {
      responder->begin(200, {}).piece("x").hang();
    } else {
      responder->hang();
    }
  });
  HttpClient client({});
  auto waiting = send(client, request_to(server->origin() + "/silent"));
  waiting.handle->cancel();
  waiting.handle->cancel();
  CHECK(waiting.get().error == "http.cancelled");

  std::promise<void> started;
  std::atomic<bool> told{false};
  auto reading = send(client, request_to(server->origin() + "/body"), [&](std::string_view) {
    if (!told.exchange(true)) started.set_value();
  });
  started.get_future().get();
  reading.handle->cancel();
  CHECK(reading.get().error == "http.cancelled");
  reading.handle->cancel();
}

TEST_CASE("HttpClient tells everyone when it is destroyed, also who asks again then", "[net]") {
  auto server = silent_server();
  std::atomic<int> cancelled{0};
  std::atomic<int> again{0};
  std::shared_ptr<HttpClient::Handle> survivor;
  const HttpRequest request = request_to(server->origin());
  {
    HttpClient client({});
    for (int i = 0; i < 100; ++i) {
      survivor = client.send(request, {nullptr, [&](HttpResponse response) {
                                         if (response.error == "http.cancelled") ++cancelled;
                                         (void)client.send(request, {nullptr, [&](HttpResponse second) {
                                                                       if (second.error == "http.cancelled") ++again;
                                                                     }});
                                       }});
    }
    for (int i = 0; i < 100; ++i) {
      (void)client.after(1h, [&](bool was_cancelled) { cancelled += was_cancelled ? 1 : 0; });
    }
  }
  CHECK(cancelled == 200);
  CHECK(again == 100);
  survivor->cancel();
}

TEST_CASE("HttpClient never calls back before send() has returned", "[net]") {
  std::mutex sending;  // outlives the client, whose thread lets go of it last
  HttpClient client({});
  for (int i = 0; i < 200; ++i) {
    std::promise<bool> in_time;
    {
      const std::lock_guard lock(sending);
      (void)client.send(request_to("not a url"), {nullptr, [&](HttpResponse) {
                                                    const std::lock_guard after_send(sending);
                                                    in_time.set_value(true);
                                                  }});
    }
    CHECK(in_time.get_future().get());
  }
}

TEST_CASE("HttpClient runs thousands of timers, and cancels those that are not to wait", "[net]") {
  HttpClient client({});
  int on_time = 0;  // on the I/O thread only, as the next
  int cancelled = 0;
  std::promise<void> last;
  std::vector<std::shared_ptr<HttpClient::Handle>> handles;
  const auto count = [&](bool was_cancelled) {
    ++(was_cancelled ? cancelled : on_time);
    if (on_time + cancelled == 5010) last.set_value();
  };
  for (int i = 0; i < 5000; ++i) handles.push_back(client.after(std::chrono::milliseconds((i * 37) % 50), count));
  for (int i = 0; i < 10; ++i) handles.push_back(client.after(std::chrono::milliseconds::max(), count));
  for (std::size_t i = 5000; i < handles.size(); ++i) handles[i]->cancel();
  last.get_future().get();
  CHECK(on_time == 5000);
  CHECK(cancelled == 10);
}

TEST_CASE("HttpClient brings an errand to its own thread, and is not destroyed before", "[net]") {
  auto client = std::make_unique<HttpClient>(HttpClient::Options{});
  std::promise<std::thread::id> loop;
  static_cast<void>(client->after(0ms, [&](bool) { loop.set_value(std::this_thread::get_id()); }));
  const std::thread::id loop_thread = loop.get_future().get();

  std::thread::id ran_on;
  std::string error;
  auto errand = client->errand();
  auto unused = client->errand();
  HttpClient* const asked = client.get();
  std::thread other{[&, errand = std::exchange(errand, nullptr)] {
    unused.reset();
    errand->run([&] {
      ran_on = std::this_thread::get_id();
      HttpClient::Callbacks callbacks;
      callbacks.on_done = [&](HttpResponse response) { error = response.error; };
      static_cast<void>(asked->send(request_to("http://127.0.0.1:1/"), std::move(callbacks)));
    });
  }};
  client.reset();
  other.join();
  CHECK(ran_on == loop_thread);
  CHECK_FALSE(error.empty());
}
