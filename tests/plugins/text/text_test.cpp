#include "tests/plugins/shipped.hpp"

namespace {

std::string result_of(const std::string& name, const std::string& args) {
  const auto done = run_shipped("text", name, args);
  return done.code == LW_OK ? done.result : done.error.type;
}

}  // namespace

TEST_CASE("text.join shows items that are no strings as JSON, and leaves null out", "[text]") {
  CHECK(result_of("text.join", R"({"items": ["a", null, {"b": 1}, 2, "文"], "separator": " | "})") ==
        R"("a | {\"b\": 1} | 2 | 文")");
  CHECK(result_of("text.join", R"({"items": ["a", "", "b"]})") == R"("a\n\nb")");
  CHECK(result_of("text.join", R"({"items": []})") == R"("")");
  CHECK(result_of("text.join", R"({"items": "a"})") == "bad_value");
}

TEST_CASE("text.concat puts parts together", "[text]") {
  CHECK(result_of("text.concat", R"({"parts": ["a", 1, true, "b"]})") == R"("a1trueb")");
}

TEST_CASE("text.split cuts at a separator or at white space", "[text]") {
  CHECK(result_of("text.split", R"({"text": "a,b,,c", "separator": ","})") == R"(["a","b","","c"])");
  CHECK(result_of("text.split", R"({"text": " a  b\n"})") == R"(["a","b"])");
  CHECK(result_of("text.split", R"({"text": "", "separator": ","})") == R"([""])");
  CHECK(result_of("text.split", R"({"text": ""})") == "[]");
}

TEST_CASE("text.replace replaces every occurrence once", "[text]") {
  CHECK(result_of("text.replace", R"({"text": "a.b.c", "old": ".", "new": ".."})") == R"("a..b..c")");
  CHECK(result_of("text.replace", R"({"text": "aaa", "old": "aa", "new": "b"})") == R"("ba")");
  CHECK(result_of("text.replace", R"({"text": "a", "old": "", "new": "b"})") == "bad_value");
}

TEST_CASE("text.replace does not fill the memory", "[text]") {
  const std::string many(10000, 'a');
  CHECK(result_of("text.replace", R"({"text": ")" + many + R"(", "old": "a", "new": ")" + many + "\"}") ==
        "text.too_large");
}

TEST_CASE("text.upper, text.lower and text.trim work on characters", "[text]") {
  CHECK(result_of("text.upper", R"({"text": "straße é"})") == R"("STRAßE É")");
  CHECK(result_of("text.lower", R"({"text": "ÉA"})") == R"("éa")");
  CHECK(result_of("text.trim", R"({"text": "　 a b \n"})") == R"("a b")");
}

TEST_CASE("text.truncate counts its suffix", "[text]") {
  CHECK(result_of("text.truncate", R"({"text": "人工智能正在", "length": 4})") == R"("人工智…")");
  CHECK(result_of("text.truncate", R"({"text": "人工", "length": 2})") == R"("人工")");
  CHECK(result_of("text.truncate", R"({"text": "abcdef", "length": 5, "suffix": "..."})") == R"("ab...")");
  CHECK(result_of("text.truncate", R"({"text": "abcdef", "length": 2, "suffix": "..."})") == R"("ab")");
  CHECK(result_of("text.truncate", R"({"text": "abcdef", "length": 0})") == R"("")");
  CHECK(result_of("text.truncate", R"({"text": "abcdef", "length": -1})") == "bad_value");
}

TEST_CASE("text.length counts characters", "[text]") {
  CHECK(result_of("text.length", R"({"text": "人工智能 😀"})") == "6");
}

TEST_CASE("json.parse reads a value from what a model says", "[text]") {
  CHECK(result_of("json.parse", R"({"text": " {\"a\": 1} "})") == R"({"a": 1})");
  CHECK(result_of("json.parse", R"({"text": "Sure!\n```json\n{\"a\": [1]}\n```\nAs in [1]."})") == R"({"a": [1]})");
  CHECK(result_of("json.parse", R"({"text": "\"words\""})") == R"("words")");
  CHECK(result_of("json.parse", R"({"text": "no json here"})") == "json.invalid");
  CHECK(result_of("json.parse", R"({"text": ""})") == "json.invalid");
  CHECK(result_of("json.parse", R"({"text": "so: [1]", "strict": true})") == "json.invalid");
}

TEST_CASE("json.get takes a value out of another", "[text]") {
  CHECK(result_of("json.get", R"({"value": {"a": [{"b": "c"}]}, "path": "a[0].b"})") == R"("c")");
  CHECK(result_of("json.get", R"({"value": {"a": 1}, "path": "b", "default": null})") == "null");
  CHECK(result_of("json.get", R"({"value": {"a": 1}, "path": "b"})") == "json.not_found");
  CHECK(result_of("json.get", R"({"value": {"a": 1}, "path": "a["})") == "json.bad_path");
}

TEST_CASE("list.length, list.flatten and list.compact", "[text]") {
  CHECK(result_of("list.length", R"({"items": [1, [2, 3]]})") == "2");
  CHECK(result_of("list.flatten", R"({"items": [1, [2, [3]], [], "a"]})") == R"([1,2,[3],"a"])");
  CHECK(result_of("list.compact", R"({"items": [null, "", 0, "a", []]})") == R"([0,"a",[]])");
}
