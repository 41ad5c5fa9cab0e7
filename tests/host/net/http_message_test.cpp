#include <catch2/catch.hpp>

#include "host/net/http_client.hpp"

using leeward::HttpResponse;

TEST_CASE("HttpResponse finds a header by its lower-case name", "[net]") {
  HttpResponse response;
  response.headers = {{"content-type", "text/plain"}, {"x-request-id", "7"}, {"x-request-id", "8"}};
  CHECK(response.header("content-type") == "text/plain");
  CHECK(response.header("x-request-id") == "7");
  CHECK(response.header("retry-after").empty());
}
