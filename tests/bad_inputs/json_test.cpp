// Files that are no DAG because they are no JSON, or not the JSON that they seem to be.
#include <set>

#include <catch2/catch.hpp>

#include "tests/bad_inputs/trial.hpp"

using namespace leeward;
using namespace leeward::bad_inputs;
using namespace leeward::test;

namespace {

constexpr long kMiB = 1024;  // in kB, as the kernel counts what a process took
/// The most that a refusal may take beyond what any command takes, where the input is larger than that.
constexpr long kMostRssKb = 64 * kMiB;

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  all.reserve(count * text.size());
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string bytes(std::initializer_list<int> values) {
  std::string all;
  for (const int value : values) all += static_cast<char>(value);
  return all;
}

/// Refused for its size, before it is in memory.
void refuses_for_size(const std::string& text, const std::string& code) {
  const Trial trial;
  const std::string file = trial.dir().write("bad.json", text).string();
  trial.refuses_file(file, code, {file});
  check_memory(trial.leeward({"validate", file}), trial.usual_rss_kb() + kMostRssKb);
}

}  // namespace

TEST_CASE("J001 Arrays nested a hundred thousand deep are refused where they pass the limit", "[bad_inputs][json]") {
  Trial{}.refuses(times(100'000, "[") + times(100'000, "]"), "json.depth", {"64 levels"});
}

TEST_CASE("J002 Millions of opened arrays are refused, with no stack to overflow", "[bad_inputs][json]") {
  Trial{}.refuses(times(1'000'000, "["), "json.depth", {"64 levels"});
  refuses_for_size(times((33 << 20), "["), "json.too_large");
}

TEST_CASE("J003 Objects nested hundreds of thousands deep are refused and taken down again", "[bad_inputs][json]") {
  Trial{}.refuses(times(200'000, R"({"a":)") + "1" + times(200'000, "}"), "json.depth", {"64 levels"});
}

TEST_CASE("J004 A name that stands twice in an object is refused, with both places", "[bad_inputs][json]") {
  Trial{}.refuses(R"({"dag_id": "a", "tasks": [], "dag_id": "b"})", "json.duplicate_key",
                  {"\\\"dag_id\\\"", "first at line 1, column 2", "\"column\":30", "/dag_id"});
}

TEST_CASE("J007 Bytes that are no UTF-8 are refused, with their offset", "[bad_inputs][json]") {
  Trial{}.refuses(R"({"a":")" + bytes({0xFF, 0xFE}) + "\"}", "json.utf8", {"0xFF", "byte offset 6"});
}

TEST_CASE("J008 A slash in more bytes than it needs is no slash", "[bad_inputs][json]") {
  Trial{}.refuses(R"({"a":")" + bytes({0xC0, 0xAF}) + "\"}", "json.utf8", {"0xC0", "byte offset 6"});
}

TEST_CASE("J009 Half of a surrogate pair is refused", "[bad_inputs][json]") {
  Trial{}.refuses(R"({"a": "\ud800"})", "json.utf8", {"surrogate"});
  Trial{}.refuses(R"({"a": "\udc00\ud800"})", "json.utf8", {"surrogate"});
}

TEST_CASE("J010 A byte-order mark is refused by its name", "[bad_inputs][json]") {
  Trial{}.refuses(bytes({0xEF, 0xBB, 0xBF}) + task_with(""), "json.bom", {"byte-order mark"});
}

TEST_CASE("J012 A NUL is refused in ids and kept whole in values", "[bad_inputs][json]") {
  const Trial trial;
  trial.refuses(R"({"dag_id": "a\u0000b", "tasks": [{"task_id": "t", "operator": "empty"}]})", "spec.id",
                {"a\\\\u0000b", "/dag_id"});
  trial.refuses(dag_of_tasks(R"({"task_id": "a\u0000b", "operator": "empty"})"), "spec.id", {"/tasks/0/task_id"});
  const Outcome kept = trial.run(R"({"task_id": "t", "operator": "echo", "with": {"value": "a\u0000b"}})");
  CHECK(kept.ended.status == 0);
  CHECK(kept.task("t")["output"].string() == std::string("a\0b", 3));
}

TEST_CASE("J013 What stands behind a raw NUL is not overlooked", "[bad_inputs][json]") {
  Trial{}.refuses(task_with("\"retries\": 1") + std::string(1, '\0') + R"({"evil": 1})", "json.trailing", {"0x00"});
}

TEST_CASE("J014 Anything behind the one value is refused", "[bad_inputs][json]") {
  Trial{}.refuses(task_with("\"retries\": 1") + " x", "json.trailing", {"'x'"});
}

TEST_CASE("J016 An empty file is refused", "[bad_inputs][json]") { Trial{}.refuses("", "json.empty", {"empty"}); }

TEST_CASE("J017 Fifty megabytes of nothing are refused by their size", "[bad_inputs][json]") {
  refuses_for_size(std::string(50'000'000, ' '), "json.too_large");
}

TEST_CASE("J018 A text that is no object is no DAG", "[bad_inputs][json]") {
  for (const char* text : {"[1, 2]", "null", "7", "\"a\"", "true"}) {
    Trial{}.refuses(text, "spec.type", {"expected an object"});
  }
}

TEST_CASE("J019 Comments and trailing commas are refused by their names", "[bad_inputs][json]") {
  Trial{}.refuses("{\"a\": 1,} // c", "json.syntax", {"comma"});
  Trial{}.refuses("{\"a\": 1 // c\n}", "json.syntax", {"comment"});
  Trial{}.refuses("{\"a\": 1 /* c */}", "json.syntax", {"comment"});
}

TEST_CASE("J020 NaN and Infinity are no numbers", "[bad_inputs][json]") {
  for (const std::string word : {"NaN", "Infinity", "-Infinity"}) {
    Trial{}.refuses(task_with("\"execution_timeout\": " + word), "json.number", {"no such number"});
  }
}

TEST_CASE("J021 A number too large for a double is refused and never infinite", "[bad_inputs][json]") {
  Trial{}.refuses(task_with("\"execution_timeout\": 1e999"), "json.number", {"out of range", "execution_timeout"});
  Trial{}.refuses(task_with("\"execution_timeout\": -1e999"), "json.number", {"out of range", "execution_timeout"});
}

TEST_CASE("J022 An integer too large for 64 bits is refused and never rounded", "[bad_inputs][json]") {
  Trial{}.refuses(task_with("\"retries\": 18446744073709551616"), "json.number", {"does not fit 64 bits", "/retries"});
}

TEST_CASE("J024 A count or a duration cannot be negative", "[bad_inputs][json]") {
  Trial{}.refuses(task_with("\"retries\": -1"), "spec.value", {"from 0", "-1", "/tasks/0/retries"});
  Trial{}.refuses(task_with("\"execution_timeout\": -5"), "spec.duration", {"not negative", "/execution_timeout"});
}

TEST_CASE("J025 A fraction is no count", "[bad_inputs][json]") {
  Trial{}.refuses(task_with("\"retries\": 2.5"), "spec.type", {"expected an integer", "/tasks/0/retries"});
}

TEST_CASE("J027 A file of two hundred megabytes is refused without being read", "[bad_inputs][json]") {
  refuses_for_size(R"({"a": ")" + std::string(200'000'000, 'x') + "\"}", "file.too_large");
}

TEST_CASE("J028 A hundred thousand unknown keys are refused, and not all of them are told", "[bad_inputs][json]") {
  std::string keys;
  for (int i = 0; i < 100'000; ++i) keys += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  Trial{}.refuses("{" + keys + "}", "spec.limit", {"more mistakes than these 10000"});
}

TEST_CASE("J030 Each beginning of a DAG that is not its whole is refused", "[bad_inputs][json]") {
  const Trial trial;
  const std::string whole = R"({"dag_id": "d", "params": {"n": [1, 2.5e3, true, null, "é\n"]},
 "tasks": [{"task_id": "t", "operator": "echo", "with": {"value": "{params.n}"}}]})";
  trial.accepts(whole);
  std::vector<std::string> words{"validate", "--json"};
  for (std::size_t end = 0; end < whole.size(); ++end) {
    words.push_back(trial.dir().write("cut" + std::to_string(end) + ".json", whole.substr(0, end)).string());
  }
  const Ended ended = trial.leeward(words);
  CHECK(ended.status == 2);
  std::set<std::string> refused;
  const auto mistakes = ended.json();
  for (const Json mistake : mistakes->root()) {
    refused.emplace(mistake["file"].string());
    CHECK(mistake["code"].string().starts_with("json."));
  }
  CHECK(refused.size() == whole.size());
}

TEST_CASE("J031 Texts that are nearly JSON are refused", "[bad_inputs][json]") {
  const Trial trial;
  const std::vector<std::string> nearly{"[1,,2]",
                                        "[,1]",
                                        "[1 2]",
                                        "[1,]",
                                        "[\"a\":1]",
                                        "{\"a\" 1}",
                                        "{\"a\":}",
                                        "{:1}",
                                        "{1:1}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "{\"a\":1 \"b\":2}",
                                        "{\"a\":1,,\"b\":2}",
                                        "{\"a\"}",
                                        "{\"a\",1}",
                                        "[",
                                        "]",
                                        "{",
                                        "}",
                                        "[}",
                                        "{]",
                                        "[1",
                                        "[1,",
                                        "\"",
                                        "\"\\",
                                        "\"\\u12\"",
                                        "\"\\u12G4\"",
                                        "\"\\x41\"",
                                        "\"\\'\"",
                                        "\"a\nb\"",
                                        "\"a\tb\"",
                                        "01",
                                        "-01",
                                        "-",
                                        "+1",
                                        ".5",
                                        "1.",
                                        "1.e3",
                                        "1e",
                                        "1e+",
                                        "0x1F",
                                        "1_000",
                                        "1,5",
                                        "--1",
                                        "1e1.5",
                                        "tru",
                                        "True",
                                        "TRUE",
                                        "nul",
                                        "nulll",
                                        "undefined",
                                        "[true false]",
                                        "\xE2\x82",
                                        "\xED\xA0\x80",
                                        "\xF4\x90\x80\x80",
                                        "\xC1\xBF",
                                        "\x80",
                                        "\xFE",
                                        "\"\xE9\"",
                                        "1 2",
                                        "{} {}",
                                        "[] ,",
                                        "//x\n1",
                                        "/*x*/1",
                                        "#x\n1",
                                        "\xEF\xBB\xBF",
                                        "\xFF\xFE[\0]\0",
                                        "\v1",
                                        "\f1",
                                        "\xC2\xA0"
                                        "1",
                                        "`a`",
                                        "@",
                                        "$",
                                        "*",
                                        "<a/>",
                                        "a: 1",
                                        "- a",
                                        "(1)",
                                        "=",
                                        ";",
                                        "[1;2]",
                                        "{\"a\"=1}",
                                        "{\"a\":\"b\"",
                                        "\"\\uD800\\u0041\""};
  std::vector<std::string> words{"validate", "--json"};
  for (std::size_t i = 0; i < nearly.size(); ++i) {
    words.push_back(trial.dir().write(std::to_string(i) + ".json", nearly[i]).string());
  }
  const auto mistakes = trial.leeward(words).json();
  std::set<std::string> refused;
  for (const Json mistake : mistakes->root()) {
    if (mistake["code"].string().starts_with("json.")) refused.emplace(mistake["file"].string());
  }
  for (std::size_t i = 0; i < nearly.size(); ++i) {
    INFO(nearly[i]);
    CHECK(refused.contains(words[i + 2]));
  }
}

TEST_CASE("J032 Whatever JSON may hold arrives as it was written", "[bad_inputs][json]") {
  const std::vector<std::string> values{"[]",
                                        "{}",
                                        "null",
                                        "false",
                                        "-0",
                                        "0",
                                        "1e5",
                                        "1E-7",
                                        "-1.5e+3",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        R"("")",
                                        R"("\"\\\/\b\f\n\r\t")",
                                        R"("\u0000\u001f\u007f")",
                                        R"("\ud83c\udf0a")",
                                        R"("é文字🌊")",
                                        R"({"":{"":[]}})",
                                        R"({"a":{"b":[1,[2,[3]]]},"c":"}"})",
                                        "[ 1 ,\r\n\t2 ]",
                                        R"(["\u0061\u00e9"])",
                                        R"("\u2028\u2029\ufeff\ufffe")"};
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ", ") + value;
  const std::string params = R"({"dag_id": "bad", "params": {"all": [)" + list + R"(]}, "tasks": [
    {"task_id": "t", "operator": "echo", "with": {"value": "{params.all}"}}]})";
  const Trial trial;
  const Ended ended = trial.leeward({"run", trial.dir().write("good.json", params).string(), "--json"});
  REQUIRE(ended.status == 0);
  const auto report = ended.json();
  const Json output = task_of(report->root(), "t")["output"];
  REQUIRE(output.size() == values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    INFO(values[i]);
    const auto expected = JsonDocument::parse(values[i], "value");
    REQUIRE(expected);
    CHECK(output.at(i) == (*expected)->root());
  }
}

TEST_CASE("J033 Naughty texts come out of a run byte for byte", "[bad_inputs][json]") {
  const std::vector<std::string> naughty{"<script>alert(1)</script>",
                                         "'; DROP TABLE runs; --",
                                         "$(touch /tmp/x)",
                                         "`id`",
                                         "../../../etc/passwd",
                                         "%s%n%x",
                                         "\\u0000",
                                         "null",
                                         "undefined",
                                         "NaN",
                                         "0x7f",
                                         "{{",
                                         "}}",
                                         "{ }",
                                         "|",
                                         "\xE2\x80\xAE"
                                         "txt.exe",
                                         "Z\xCD\xA7\xCC\x91"
                                         "algo",
                                         "\xEF\xBF\xBF",
                                         "\xF0\x9F\x92\xA9",
                                         "\xE2\x80\x8B",
                                         "\x7F",
                                         "1;2",
                                         "=1+1",
                                         "@SUM(1)",
                                         "-e",
                                         "--help",
                                         "CON",
                                         "nil",
                                         "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80",
                                         "\xD8\xA7\xD9\x84",
                                         "a\xCC\x8A",
                                         "\xEF\xBC\x9C"};
  JsonWriter list;
  list.begin_array();
  for (const std::string& text : naughty) list.string(text);
  list.end_array();
  const std::string dag = R"({"dag_id": "bad", "description": "<b>\u0007</b>", "params": {"all": )" +
                          std::string(list.text()) + R"(}, "tasks": [
    {"task_id": "each", "operator": "echo", "expand": {"text": "{params.all}"}, "with": {"value": "{text}"}, "output_key": "said"},
    {"task_id": "all", "operator": "echo", "depends_on": ["each"], "with": {"value": "{said|join('\n')}"}}]})";
  const Trial trial;
  const Ended ended = trial.leeward({"run", trial.dir().write("good.json", dag).string(), "--json"});
  REQUIRE(ended.status == 0);
  std::string joined;
  for (const std::string& text : naughty) joined += (joined.empty() ? "" : "\n") + text;
  CHECK(task_of(ended.json()->root(), "all")["output"].string() == joined);
}
