#include "core/load/condition_parser.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/suggestion.hpp"
#include "core/load/spec_values.hpp"
#include "core/load/template_parser.hpp"

namespace leeward {

namespace {

using Kind = Condition::Kind;

/// What a test compares with.
enum class Operand : std::uint8_t { anything, list, orderable, text, pattern, truth, length };

struct Test {
  std::string_view word;
  Kind kind;
  Operand operand;
};

constexpr std::array kTests{
    Test{"equals", Kind::equals, Operand::anything},
    Test{"not_equals", Kind::not_equals, Operand::anything},
    Test{"in", Kind::in, Operand::list},
    Test{"less_than", Kind::less_than, Operand::orderable},
    Test{"at_most", Kind::at_most, Operand::orderable},
    Test{"greater_than", Kind::greater_than, Operand::orderable},
    Test{"at_least", Kind::at_least, Operand::orderable},
    Test{"contains", Kind::contains, Operand::anything},
    Test{"contains_any", Kind::contains_any, Operand::list},
    Test{"starts_with", Kind::starts_with, Operand::text},
    Test{"ends_with", Kind::ends_with, Operand::text},
    Test{"matches", Kind::matches, Operand::pattern},
    Test{"is_empty", Kind::is_empty, Operand::truth},
    Test{"is_null", Kind::is_null, Operand::truth},
    Test{"length", Kind::length, Operand::length},
};

class ConditionParser {
 public:
  ConditionParser(bool templates, Errors& errors) : templates_(templates), errors_(errors) {}

  Condition parse(const Json& json) {
    if (!json.is_object()) {
      fail(json, "a condition is an object, such as {\"value\": ..., \"equals\": ...}; this is " +
                     std::string{to_string(json.kind())});
      return {};
    }
    for (const auto& [word, kind] : {std::pair{"all", Kind::all}, {"any", Kind::any}, {"not", Kind::negation}}) {
      if (const Json parts = json[word]; parts.exists()) return parse_joined(json, word, kind, parts);
    }
    return parse_question(json);
  }

 private:
  Condition parse_joined(const Json& json, std::string_view word, Kind kind, const Json& parts) {
    Condition condition;
    condition.kind = kind;
    for (const Json& member : json) {
      if (member.key() == word) continue;
      fail_key(member, "condition.syntax",
               "\"" + std::string{word} + "\" stands alone in its object; put both into an \"all\"");
    }
    if (kind == Kind::negation) {
      condition.parts.push_back(parse(parts));
    } else if (!parts.is_array() || parts.size() == 0) {
      fail(parts, "\"" + std::string{word} + "\" takes a list of conditions, at least one");
    } else {
      for (const Json& part : parts) condition.parts.push_back(parse(part));
    }
    return condition;
  }

  /// {"value": ..., tests}
  Condition parse_question(const Json& json) {
    const std::size_t known = errors_.size();
    const Json subject = json["value"];
    if (!subject.exists()) {
      fail(json, "a condition has a \"value\" to ask about, or is an \"all\", an \"any\" or a \"not\"");
    }
    std::vector<Condition> tests = parse_tests(json);
    if (tests.empty() && errors_.size() == known) fail(json, "nothing is asked about the value; " + expected_tests());
    if (subject.exists()) {
      for (Condition& test : tests) test.subject = subject.value();
    }
    if (tests.size() == 1) return std::move(tests.front());
    Condition all;
    all.kind = Kind::all;
    all.parts = std::move(tests);
    return all;
  }

  std::vector<Condition> parse_tests(const Json& json) {
    std::vector<Condition> tests;
    for (const Json& member : json) {
      if (member.key() == "value") continue;
      const auto test =
          std::find_if(kTests.begin(), kTests.end(), [&](const Test& t) { return t.word == member.key(); });
      if (test != kTests.end()) {
        tests.push_back(parse_test(*test, member));
        continue;
      }
      std::vector<std::string> words{"value", "all", "any", "not"};
      for (const Test& t : kTests) words.emplace_back(t.word);
      const std::string word{member.key()};
      fail_key(member, "condition.unknown_test", "no test \"" + word + "\"" + did_you_mean(word, words));
    }
    return tests;
  }

  Condition parse_test(const Test& test, const Json& operand) {
    Condition condition;
    condition.kind = test.kind;
    condition.operand = operand.value();
    if (templates_ && is_undecided(operand)) return condition;
    const std::string word = "\"" + std::string{test.word} + "\"";
    switch (test.operand) {
      case Operand::anything: break;
      case Operand::list: expect(operand.is_array(), operand, word + " takes a list"); break;
      case Operand::orderable:
        expect(operand.is_number() || operand.is_string(), operand, word + " takes a number or a text");
        break;
      case Operand::text: expect(operand.is_string(), operand, word + " takes a text"); break;
      case Operand::truth: expect(operand.is_boolean(), operand, word + " takes true or false"); break;
      case Operand::pattern: parse_pattern(condition, operand); break;
      case Operand::length: parse_length(condition, operand); break;
    }
    return condition;
  }

  void parse_pattern(Condition& condition, const Json& operand) {
    if (!expect(operand.is_string(), operand, "\"matches\" takes a regular expression")) return;
    auto pattern = Regex::compile(operand.string());
    if (pattern) {
      condition.patterns.push_back(std::move(pattern).value());
    } else {
      add_error(errors_, pattern.error().code, pattern.error().message, operand);
    }
  }

  void parse_length(Condition& condition, const Json& operand) {
    if (operand.is_number()) {
      Condition equals;
      equals.kind = Kind::equals;
      equals.operand = operand.value();
      condition.parts.push_back(std::move(equals));
    } else if (operand.is_object() && operand.size() > 0 && !operand["value"].exists()) {
      condition.parts = parse_tests(operand);
    } else {
      fail(operand, "\"length\" takes a number, or tests of the length such as {\"less_than\": 50}");
    }
  }

  static std::string expected_tests() {
    std::string words = "expected one of";
    for (const Test& test : kTests) words += (&test == kTests.begin() ? " " : ", ") + std::string{test.word};
    return words;
  }

  bool expect(bool holds, const Json& at, const std::string& message) {
    if (!holds) fail(at, message + "; this is " + std::string{to_string(at.kind())});
    return holds;
  }

  void fail(const Json& at, std::string message) { add_error(errors_, "condition.syntax", std::move(message), at); }

  void fail_key(const Json& member, std::string code, std::string message) {
    add_key_error(errors_, std::move(code), std::move(message), member);
  }

  bool templates_;
  Errors& errors_;
};

}  // namespace

Result<Condition> parse_condition(const Json& json) {
  Errors errors;
  Condition condition = ConditionParser{false, errors}.parse(json);
  if (!errors.empty()) return std::move(errors.front());
  return condition;
}

void check_condition(const Json& json, Errors& errors) {
  if (is_undecided(json)) return;
  ConditionParser{true, errors}.parse(json);
}

}  // namespace leeward
