// "leeward.text/1": the host's conditions and templates, for operators that take them as data.

#include <string>
#include <utility>

#include "core/load/condition_parser.hpp"
#include "core/load/template_parser.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"

namespace leeward {
namespace {

/// The members of a JSON object as names.
class ObjectScope final : public Scope {
 public:
  explicit ObjectScope(Json object) : object_(object) {}
  [[nodiscard]] Json find(std::string_view name) const override { return object_[name]; }
  [[nodiscard]] std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const Json member : object_) names.emplace_back(member.key());
    return names;
  }

 private:
  Json object_;
};

lw_code evaluate(lw_task* c_task, lw_str condition_json, int32_t* holds) {
  HostTask& task = HostTask::of(c_task);
  if (holds == nullptr) return task.refuse(LW_INVALID, "condition.invalid", "there is no place for the answer");
  auto document = JsonDocument::parse(std::string{text_of(condition_json)}, "condition");
  if (!document) return task.refuse(LW_INVALID, document.error().code, to_string(document.error()));
  const Result<Condition> condition = parse_condition((*document)->root());
  if (!condition) return task.refuse(LW_INVALID, condition.error().code, condition.error().message);
  const Result<bool> answer = condition->holds();
  if (!answer) return task.refuse(LW_INVALID, answer.error().code, answer.error().message);
  *holds = *answer ? 1 : 0;
  return LW_OK;
}

lw_code render(lw_task* c_task, lw_str template_text, lw_str variables_json, const lw_buf** out) {
  HostTask& task = HostTask::of(c_task);
  if (out == nullptr) return task.refuse(LW_INVALID, "template.invalid", "there is no place for the text");
  auto variables = JsonDocument::parse(std::string{text_of(variables_json)}, "variables");
  if (!variables) return task.refuse(LW_INVALID, variables.error().code, to_string(variables.error()));
  if (!(*variables)->root().is_object())
    return task.refuse(LW_INVALID, "template.invalid", "the variables are not a JSON object");
  const Result<Template> compiled = parse_template(text_of(template_text));
  if (!compiled) return task.refuse(LW_INVALID, compiled.error().code, compiled.error().message);
  Result<Value> rendered = compiled->render(ObjectScope{(*variables)->root()});
  if (!rendered) return task.refuse(LW_INVALID, rendered.error().code, rendered.error().message);
  *out = buffer_of(std::move(rendered).value());
  return LW_OK;
}

}  // namespace

const lw_text kTextService = {sizeof(lw_text), 0, evaluate, render};

}  // namespace leeward
