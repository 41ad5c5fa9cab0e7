#include <cmath>
#include <string>

#include <catch2/catch.hpp>

#include "core/base/json.hpp"

using namespace leeward;

TEST_CASE("JsonWriter puts the commas and colons", "[base]") {
  JsonWriter out;
  out.begin_object().member("a", 1).key("b").begin_array().begin_object().end_object().begin_array().end_array().null();
  out.boolean(true).raw("{\"x\":1}").end_array().member("c", "d").key("e").number(0.5).end_object();
  CHECK(out.text() == R"({"a":1,"b":[{},[],null,true,{"x":1}],"c":"d","e":0.5})");
  CHECK(is_json(out.take()));
}

TEST_CASE("JsonWriter writes numbers so that they read back the same", "[base]") {
  for (const double number : {0.1, 1.0, -0.0, 1e21, 1.7976931348623157e308, 5e-324, 1.0 / 3}) {
    const auto document = JsonDocument::parse(JsonWriter().number(number).take());
    REQUIRE(document.ok());
    CHECK((*document)->root().number() == number);
  }
  CHECK(JsonWriter().number(std::nan("")).text() == "null");
  CHECK(JsonWriter().number(INFINITY).text() == "null");
  CHECK(JsonWriter().integer(INT64_MIN).text() == "-9223372036854775808");
}

TEST_CASE("json_quote makes one JSON string of any bytes", "[base]") {
  CHECK(json_quote("a\"\\\n\x01\x7F总") == R"("a\"\\\n\u0001\u007f总")");
  CHECK(json_quote("a\xFF"
                   "b\xE4\xB8") ==
        "\"a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD\xEF\xBF\xBD\"");
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  CHECK(is_json(json_quote(every)));
  CHECK(json_excerpt(std::string(100, 'x'), 3) == "\"xxx…\"");
  CHECK(json_excerpt("总总", 4) == "\"总…\"");
}

TEST_CASE("json_pretty lays a text out and changes nothing in it", "[base]") {
  const std::string text = R"({"a":[1,{"b":"x,:[]{}\""}],"c":{},"d":[]})";
  const std::string pretty = json_pretty(text);
  CHECK(pretty ==
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,:[]{}\\\"\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}");
  CHECK(json_pretty(pretty) == pretty);
  CHECK(JsonDocument::of(Value(pretty))->root() == JsonDocument::of(Value(text))->root());
}

TEST_CASE("is_utf8 knows what is well-formed", "[base]") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("eight bytes and 总 more é 😀 then ascii again"));
  CHECK(is_utf8("\xF4\x8F\xBF\xBF"));
  for (const char* bad : {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                          "\xF8\x88\x80\x80\x80", "\xE4\xB8", "12345678\xFF", "\xC3("}) {
    CHECK_FALSE(is_utf8(bad));
  }
}
