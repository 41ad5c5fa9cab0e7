// Callables on text, on JSON in text, and on lists: what a workflow needs between two calls of a model.
//
// Each is a thin wrapper; what there is to know about characters and JSON stands in unicode, posix_case and
// json_search.

#include <string>
#include <string_view>
#include <vector>

#include <leeward/cpp/json_check.hpp>
#include <leeward/cpp/operator.hpp>

#include "json_search.hpp"
#include "posix_case.hpp"
#include "unicode.hpp"

namespace {

using leeward::sdk::Task;
namespace sdk = leeward::sdk;

// Results are bounded: a short text, replaced by a long one often enough, would fill the memory.
constexpr std::size_t kResultLimitBytes = 64 * 1024 * 1024;

void append(std::string& out, std::string_view piece) {
  if (piece.size() > kResultLimitBytes - out.size())
    throw sdk::fail("text.too_large", "the result would be larger than 64 MiB");
  out += piece;
}

// A string as its characters, anything else as its JSON text.
std::string plain_text(std::string_view json) {
  return !json.empty() && json.front() == '"' ? sdk::unquote(json) : std::string(json);
}

std::string joined(std::string_view items_json, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const std::string_view item : sdk::elements(items_json)) {
    if (item == "null") continue;
    if (!first) append(out, separator);
    append(out, plain_text(item));
    first = false;
  }
  return out;
}

std::string list_of(const std::vector<std::string_view>& elements_json) {
  std::string out = "[";
  for (const std::string_view element : elements_json) {
    if (out.size() > 1) out += ',';
    out += element;
  }
  return out += ']';
}

// Schemas that several callables share.
constexpr char kTextOnly[] = R"({"type": "object", "required": ["text"], "additionalProperties": false,
                                 "properties": {"text": {"type": "string"}}})";
constexpr char kItemsOnly[] = R"({"type": "object", "required": ["items"], "additionalProperties": false,
                                  "properties": {"items": {"type": "array"}}})";
constexpr char kString[] = R"({"type": "string"})";
constexpr char kCount[] = R"({"type": "integer", "minimum": 0})";
constexpr char kList[] = R"({"type": "array"})";

LW_CALLABLE(Join, "text.join",
            "Joins the items of a list to one text.\n\n"
            "Items that are no strings appear as JSON; null, such as the place of a skipped task, is left out.",
            R"({"type": "object", "required": ["items"], "additionalProperties": false, "properties": {
                "items": {"type": "array"},
                "separator": {"type": "string", "default": "\n", "description": "What stands between two items"}}})",
            kString) {
  task.result(joined(task.param_json("items"), task.param<std::string>("separator", "\n")));
}

LW_CALLABLE(Concat, "text.concat",
            "Puts parts together with nothing between them.\n\n"
            "Parts that are no strings appear as JSON; null is left out.",
            R"({"type": "object", "required": ["parts"], "additionalProperties": false, "properties": {
                "parts": {"type": "array"}}})",
            kString) {
  task.result(joined(task.param_json("parts"), ""));
}

LW_CALLABLE(Split, "text.split",
            "Splits a text into a list.\n\n"
            "At each `separator`, empty pieces included; without one, at runs of white space.",
            R"({"type": "object", "required": ["text"], "additionalProperties": false, "properties": {
                "text": {"type": "string"},
                "separator": {"type": "string", "minLength": 1}}})",
            R"({"type": "array", "items": {"type": "string"}})") {
  const auto text = task.param<std::string>("text");
  const auto separator = task.param<std::string>("separator", "");
  std::vector<std::string> pieces;
  if (separator.empty()) {
    for (const std::string_view word : text_plugin::words(text)) pieces.emplace_back(word);
  } else {
    std::size_t start = 0;
    for (std::size_t at; (at = text.find(separator, start)) != std::string::npos; start = at + separator.size())
      pieces.push_back(text.substr(start, at - start));
    pieces.push_back(text.substr(start));
  }
  task.result(pieces);
}

LW_CALLABLE(Replace, "text.replace", "Replaces every occurrence of `old` by `new`.",
            R"({"type": "object", "required": ["text", "old", "new"], "additionalProperties": false, "properties": {
                "text": {"type": "string"},
                "old": {"type": "string", "minLength": 1},
                "new": {"type": "string"}}})",
            kString) {
  const auto text = task.param<std::string>("text");
  const auto old_text = task.param<std::string>("old");
  const auto new_text = task.param<std::string>("new");
  if (old_text.empty()) throw sdk::fail("bad_value", "parameter 'old': expected at least one character");
  std::string out;
  std::size_t start = 0;
  for (std::size_t at; (at = text.find(old_text, start)) != std::string::npos; start = at + old_text.size()) {
    append(out, std::string_view(text).substr(start, at - start));
    append(out, new_text);
  }
  append(out, std::string_view(text).substr(start));
  task.result(out);
}

LW_CALLABLE(Upper, "text.upper", "Turns all letters into capital letters, in every script that has them.", kTextOnly,
            kString) {
  task.result(text_plugin::upper(task.param<std::string>("text")));
}

LW_CALLABLE(Lower, "text.lower", "Turns all letters into small letters, in every script that has them.", kTextOnly,
            kString) {
  task.result(text_plugin::lower(task.param<std::string>("text")));
}

LW_CALLABLE(Trim, "text.trim", "Removes white space from both ends, the wide space of CJK text included.", kTextOnly,
            kString) {
  task.result(text_plugin::trim(task.param<std::string>("text")));
}

LW_CALLABLE(Truncate, "text.truncate",
            "Cuts a text to at most `length` characters.\n\n"
            "What was cut is shown by `suffix`, which counts; where it does not fit it is left out.",
            R"({"type": "object", "required": ["text", "length"], "additionalProperties": false, "properties": {
                "text": {"type": "string"},
                "length": {"type": "integer", "minimum": 0},
                "suffix": {"type": "string", "default": "…"}}})",
            kString) {
  const auto text = task.param<std::string>("text");
  const auto length = task.param<std::size_t>("length");
  const auto suffix = task.param<std::string>("suffix", "…");
  if (text_plugin::count_characters(text) <= length) return task.result(text);
  const std::size_t suffix_length = text_plugin::count_characters(suffix);
  if (suffix_length >= length) return task.result(text_plugin::first_characters(text, length));
  task.result(std::string(text_plugin::first_characters(text, length - suffix_length)) + suffix);
}

LW_CALLABLE(Length, "text.length", "Counts the characters (code points) of a text.", kTextOnly, kCount) {
  task.result(text_plugin::count_characters(task.param<std::string>("text")));
}

LW_CALLABLE(
    JsonParse, "json.parse",
    "Reads the JSON value that a text holds, such as a model's answer.\n\n"
    "If the text as a whole is not JSON, the longest piece between matching brackets that is JSON is taken, so that "
    "words and code fences around it do no harm; not with `strict`.",
    R"({"type": "object", "required": ["text"], "additionalProperties": false, "properties": {
                "text": {"type": "string"},
                "strict": {"type": "boolean", "default": false, "description": "The whole text must be JSON"}}})") {
  const auto text = task.param<std::string>("text");
  auto candidates = text_plugin::json_candidates(text);
  if (task.param<bool>("strict", false)) candidates.resize(1);
  for (const std::string_view candidate : candidates) {
    if (!sdk::is_json(candidate)) continue;
    // The host may still refuse it, such as values nested too deep.
    const auto value = sdk::Buf::copy(candidate);
    if (task.raw()->api->set_result(task.raw(), value.get()) == LW_OK) return;
  }
  throw sdk::fail("json.invalid", "expected JSON, got '" + std::string(text_plugin::first_characters(text, 80)) + "'");
}

LW_CALLABLE(
    JsonGet, "json.get",
    "Takes the value at a path out of a larger one.\n\n"
    "The path is written as in a template: `articles[0].title`. Where it leads nowhere the result is `default`, and "
    "without one the task fails.",
    R"({"type": "object", "required": ["value", "path"], "additionalProperties": false, "properties": {
                "value": {},
                "path": {"type": "string"},
                "default": {}}})") {
  const auto path = task.param<std::string>("path");
  auto found = text_plugin::value_at(task.param_json("value"), path);
  if (!found) found = task.find_param("default");
  if (!found) throw sdk::fail("json.not_found", "the value has nothing at '" + path + "'");
  task.result_json(std::string(*found));
}

LW_CALLABLE(ListLength, "list.length", "Counts the items of a list.", kItemsOnly, kCount) {
  task.result(sdk::elements(task.param_json("items")).size());
}

LW_CALLABLE(ListFlatten, "list.flatten", "Turns a list of lists into one list, one level deep; other items stay.",
            kItemsOnly, kList) {
  std::vector<std::string_view> flat;
  for (const std::string_view item : sdk::elements(task.param_json("items"))) {
    if (item.front() != '[') {
      flat.push_back(item);
      continue;
    }
    const auto inner = sdk::elements(item);
    flat.insert(flat.end(), inner.begin(), inner.end());
  }
  task.result_json(list_of(flat));
}

LW_CALLABLE(ListCompact, "list.compact",
            "Leaves null and empty text out of a list, such as what skipped tasks would have given.", kItemsOnly,
            kList) {
  std::vector<std::string_view> kept;
  for (const std::string_view item : sdk::elements(task.param_json("items")))
    if (item != "null" && item != "\"\"") kept.push_back(item);
  task.result_json(list_of(kept));
}

}  // namespace

LW_PLUGIN_WITH((sdk::PluginSpec{"text", "1.0.0", "MIT", "Callables on text, JSON and lists."}), Join, Concat, Split,
               Replace, Upper, Lower, Trim, Truncate, Length, JsonParse, JsonGet, ListLength, ListFlatten, ListCompact)
