// The operator `approval`: asks a person, and goes on as they say. Airflow's HITLOperator, ApprovalOperator,
// HITLBranchOperator and HITLEntryOperator.
//
// It runs twice: first it asks, and the task waits without holding anything; then it is given the answer.

#include <string>
#include <string_view>

#include <leeward/cpp/flow.hpp>
#include <leeward/cpp/input.hpp>
#include <leeward/cpp/operator.hpp>

#include "plugins/approval/question.hpp"
#include "plugins/time_text/duration.hpp"

namespace {

namespace sdk = leeward::sdk;
using approval::OnReject;
using approval::Question;
using approval::Texts;
using leeward::sdk::Downstream;
using leeward::sdk::fail;
using leeward::sdk::Spec;
using leeward::sdk::Task;

constexpr char kDoc[] =
    "Asks a person and waits for the answer, holding nothing: no thread, no slot of a pool.\n\n"
    "By default it asks to approve or to reject, and a rejection skips the tasks directly downstream (`on_reject`). "
    "`options_mapping` makes the choice a branch, and `form` has fields to fill in. When nobody answers within "
    "`timeout`, the `defaults` are chosen; without any the task fails. The output is the answer: `chosen_options`, "
    "`params_input`, `responded_by` and `timed_out`.";

constexpr char kParams[] = R"({"type": "object", "required": ["subject"], "additionalProperties": false, "properties": {
  "subject": {"type": "string", "minLength": 1, "description": "The question, one line"},
  "body": {"type": "string", "description": "What to know for the answer; Markdown"},
  "options": {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": true,
    "default": ["Approve", "Reject"], "description": "Of which to choose; [] if there is only a form"},
  "multiple": {"type": "boolean", "default": false, "description": "Several options may be chosen"},
  "defaults": {"$ref": "#/definitions/texts", "description": "Chosen when the time is over"},
  "form": {"type": "object", "default": {}, "description": "Fields to fill in, and their defaults"},
  "timeout": )" TIME_TEXT_DURATION_SCHEMA R"(,
  "respondents": {"$ref": "#/definitions/texts", "description": "Who may answer; without it, anybody"},
  "reject_options": {"$ref": "#/definitions/texts", "default": ["Reject"], "description": "The options that reject"},
  "on_reject": {"enum": ["skip", "fail"], "default": "skip",
    "description": "Skip the tasks directly downstream, or fail for good"},
  "ignore_downstream_trigger_rules": {"type": "boolean", "default": false,
    "description": "A rejection skips all that follows, not only the tasks directly downstream"},
  "options_mapping": {"type": "object", "description": "Option to the ids of the tasks that go on",
    "additionalProperties": {"x-reference": "downstream", "anyOf": [{"type": "string", "minLength": 1},
      {"type": "array", "items": {"type": "string", "minLength": 1}}]}}},
  "definitions": {"texts": {"anyOf": [{"type": "string", "minLength": 1},
    {"type": "array", "items": {"type": "string", "minLength": 1}}]}}})";

constexpr char kOutput[] = R"({"type": "object", "required": ["chosen_options", "params_input"]})";

std::string joined(const Texts& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "\"" : ", \"") + text + '"';
  return out;
}

std::string_view member_of(std::string_view answer, std::string_view name) {
  return sdk::member(answer, name).value_or("null");
}

void reject(Task task, const Question& question, const Texts& chosen, std::string_view said) {
  if (question.on_reject == OnReject::fail)
    throw fail("approval.rejected", "rejected: " + joined(chosen)).details(std::string(said));
  const bool all = question.ignore_downstream_trigger_rules;
  sdk::skip_downstream(task, all ? Downstream::all : Downstream::direct);
}

void go_on_with(Task task, const Question& question, std::string_view said) {
  const auto chosen = sdk::read_json<Texts>(sdk::member(said, "chosen_options").value_or("[]"));
  if (member_of(said, "timed_out") == "true" && !question.defaults)
    throw fail("approval.timeout", "nobody answered within " + time_text::format_ms(question.timeout_ms.value_or(0)) +
                                       ", and there are no defaults to go on with");
  task.result_json(std::string(said));
  const bool rejected = question.is_rejected_by(chosen);
  const bool fails = rejected && question.on_reject == OnReject::fail;
  if (question.options_mapping && !fails) return task.branch(question.branch_of(chosen));
  if (rejected) reject(task, question, chosen, said);
}

}  // namespace

LW_FUNCTION(Approval, "approval", "1.0.0", kDoc, kParams, LW_OP_INLINE | LW_OP_IDEMPOTENT) {
  const Question question = Question::of(task);
  const auto said = sdk::answer(task);
  if (!said) throw sdk::ask(task, question.request_json());
  go_on_with(task, question, *said);
}

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"approval", "1.0.0", "MIT", "Asking a person."}), Approval)
