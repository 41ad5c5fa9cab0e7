#include "core/load/airflow_templates.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/model/builtin_names.hpp"

namespace leeward {

namespace {

constexpr std::size_t kMostNotes = 20;  // more help nobody
constexpr std::string_view kBlanks = " \t\r\n";

/// What else Airflow's templates may name.
constexpr std::array<std::string_view, 9> kAirflowsOwn{"conn",    "dag",  "exception", "inlets", "macros",
                                                       "outlets", "task", "test_mode", "var"};

std::string_view first_word(std::string_view text) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return text.substr(0, static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_word) - text.begin()));
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(kBlanks) + 1));
  return text;
}

/// What to say of the text; empty if it holds nothing of Airflow's.
std::string note_on(std::string_view text) {
  if (const std::size_t begin = text.find("{%"); begin != text.npos && text.find("%}", begin) != text.npos) {
    return "{% ... %} is text here, nothing in a DAG is evaluated: a branch, expand, a filter or a callable can do it";
  }
  for (std::size_t begin = 0; (begin = text.find("{{", begin)) != text.npos; begin += 2) {
    const std::size_t end = text.find("}}", begin);
    if (end == text.npos) break;
    const std::string_view inside = trimmed(text.substr(begin + 2, end - begin - 2));
    const std::string_view name = first_word(inside);
    const bool airflows = std::find(kAirflowsOwn.begin(), kAirflowsOwn.end(), name) != kAirflowsOwn.end();
    const bool escaped = begin > 0 && text[begin - 1] == '{';  // {{{{ds}}}}: somebody means the braces
    if (escaped || (!airflows && !is_builtin_name(name))) continue;
    std::string note = json_excerpt(text.substr(begin, end + 2 - begin)) + " is text here, doubled braces are literal";
    if (airflows || inside.find('(') != inside.npos) return note + "; dags/airflow.md tells what to use instead";
    return note + ": where values are put in, write {" + std::string{inside} + "}";
  }
  return {};
}

void look_into(const Json& value, Errors& notes) {
  if (notes.size() >= kMostNotes) return;
  if (value.is_string()) {
    if (std::string note = note_on(value.string()); !note.empty()) {
      notes.push_back({"note.airflow_template", std::move(note), value.where()});
    }
  } else if (value.is_array() || value.is_object()) {
    for (const Json& child : value) {  // as deep as a spec may nest
      if (!value.is_object() || child.key() != "doc") look_into(child, notes);
    }
  }
}

}  // namespace

Errors notes_on_airflow_templates(const Json& spec) {
  Errors notes;
  const std::string_view text = spec.text();
  if (text.find("{{") == text.npos && text.find("{%") == text.npos) return notes;
  for (const char* key : {"groups", "tasks", "on_success", "on_failure", "default_args"}) look_into(spec[key], notes);
  return notes;
}

}  // namespace leeward
