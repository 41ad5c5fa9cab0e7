#include "plugins/approval/question.hpp"

#include <algorithm>
#include <utility>

#include "plugins/time_text/duration.hpp"

namespace approval {
namespace {

namespace sdk = leeward::sdk;

bool contains(const Texts& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

sdk::Error bad_question(std::string what) { return sdk::fail("approval.bad_question", std::move(what)); }

/// One text, or a list of them.
Texts texts_in(std::string_view json) {
  if (json.front() == '"') return {sdk::unquote(json)};
  return sdk::read_json<Texts>(json);
}

void read_texts(sdk::Task task, std::string_view name, Texts& into) {
  if (const auto json = task.find_param(name)) into = texts_in(*json);
}

std::optional<std::map<std::string, Texts>> mapping_of(sdk::Task task) {
  const auto json = task.find_param("options_mapping");
  if (!json) return std::nullopt;
  std::map<std::string, Texts> mapping;
  for (const auto& [option, ids] : sdk::members(*json)) mapping[option] = texts_in(ids);
  return mapping;
}

OnReject on_reject_of(sdk::Task task) {
  const auto word = task.param<std::string>("on_reject", "skip");
  if (word == "skip") return OnReject::skip;
  if (word == "fail") return OnReject::fail;
  throw bad_question("on_reject is \"skip\" or \"fail\", not " + sdk::quote(word));
}

void check(const Question& question) {
  const auto refuse = [](const std::string& what, const std::string& option) {
    throw bad_question(what + " names " + sdk::quote(option) + ", which is none of the options");
  };
  const Texts defaults = question.defaults.value_or(Texts{});
  for (const std::string& option : defaults)
    if (!contains(question.options, option)) refuse("defaults", option);
  if (question.options_mapping)
    for (const auto& [option, ids] : *question.options_mapping)
      if (!contains(question.options, option)) refuse("options_mapping", option);
  if (defaults.size() > 1 && !question.multiple)
    throw bad_question("several defaults, where one option is chosen: set multiple");
  if (question.defaults && defaults.empty() && !question.options.empty())
    throw bad_question(
        "defaults is empty, where an option is to be chosen; leave it out, and the task fails when the time is over");
  if (question.options_mapping && question.ignore_downstream_trigger_rules)
    throw bad_question(
        "options_mapping chooses what goes on, and leaves nothing for ignore_downstream_trigger_rules to skip");
}

}  // namespace

Question Question::of(sdk::Task task) {
  Question question;
  question.subject = task.param<std::string>("subject");
  question.body = task.param<std::string>("body", "");
  question.multiple = task.param<bool>("multiple", false);
  question.form_json = task.find_param("form").value_or("{}");
  question.timeout_ms = time_text::duration_param_ms(task, "timeout");
  read_texts(task, "options", question.options);
  if (const auto defaults = task.find_param("defaults")) question.defaults = texts_in(*defaults);
  read_texts(task, "respondents", question.respondents);
  read_texts(task, "reject_options", question.reject_options);
  question.on_reject = on_reject_of(task);
  question.ignore_downstream_trigger_rules = task.param<bool>("ignore_downstream_trigger_rules", false);
  question.options_mapping = mapping_of(task);
  check(question);
  return question;
}

std::string Question::request_json() const {
  sdk::JsonObject request;
  request.add("subject", subject).add("body", body).add("options", options).add("multiple", multiple);
  request.add("defaults", defaults.value_or(Texts{})).add("respondents", respondents).add_json("form", form_json);
  if (timeout_ms) request.add("timeout_ms", *timeout_ms);
  return request.text();
}

bool Question::is_rejected_by(const Texts& chosen) const {
  return std::any_of(chosen.begin(), chosen.end(),
                     [this](const std::string& option) { return contains(reject_options, option); });
}

Texts Question::branch_of(const Texts& chosen) const {
  Texts ids;
  const auto add = [&ids](const std::string& id) {
    if (!contains(ids, id)) ids.push_back(id);
  };
  for (const std::string& option : chosen) {
    const auto mapped = options_mapping->find(option);
    if (mapped != options_mapping->end()) {
      for (const std::string& id : mapped->second) add(id);
    } else if (!contains(reject_options, option)) {
      add(option);
    }
  }
  return ids;
}

}  // namespace approval
