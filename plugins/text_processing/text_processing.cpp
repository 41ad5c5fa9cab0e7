#include <string>
#include <utility>

#include <leeward/cpp/call.hpp>
#include <leeward/cpp/operator.hpp>
#include <leeward/cpp/text.hpp>

#include "prompts.hpp"

namespace {

namespace sdk = leeward::sdk;
using text_processing::Json;

constexpr const char* kParamsSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "required": ["operation"],
  "oneOf": [{"required": ["text"]}, {"required": ["input_key"]}],
  "if": {"required": ["prompts"]},
  "else": {"properties": {"operation": {"enum": ["summarize", "translate", "analyze"]}}},
  "properties": {
    "operation": {"type": "string", "minLength": 1,
                  "description": "summarize, translate, analyze, or one of `prompts`."},
    "text": {"description": "What is processed. Anything but text goes into the prompt as JSON. Either this or `input_key`."},
    "input_key": {"type": "string", "minLength": 1, "x-reference": "context",
                  "description": "The context key of what is processed, as some task upstream publishes it by its output_key."},
    "prompts": {"type": "object", "x-template": ["text", "operation"], "additionalProperties": {"type": ["string", "null"]},
                "description": "The author's own prompts by operation, over {text} and {operation}; they go before the built-in ones. null: 处理文本:{text}. The key `default` serves every other operation."},
    "system": {"type": "string", "description": "The system message."},
    "model": {"type": "string", "minLength": 1, "description": "The model to ask, as in `llm`."},
    "models": {"type": "array", "minItems": 1, "maxItems": 6, "items": {"type": "string", "minLength": 1},
               "description": "Models to ask in this order, as in `llm`."},
    "temperature": {"type": ["number", "null"], "minimum": 0, "maximum": 2, "default": null,
                    "description": "null: the model's own."},
    "max_tokens": {"type": ["integer", "null"], "minimum": 1, "default": null,
                   "description": "The longest answer, in tokens. null: the server's own limit."},
    "stream": {"type": "boolean", "default": false, "description": "Show the answer while it is being written."},
    "max_retries": {"type": "integer", "minimum": 0, "maximum": 10, "default": 2,
                    "description": "Further quick tries for each model, as in `llm`."},
    "timeout": {"type": ["number", "string"], "exclusiveMinimum": 0, "maximum": 86400, "pattern": "^([0-9]+([.][0-9]+)?(ms|s|m|h))+$", "default": 600,
                "description": "For all models, tries and waits together: seconds, or a text such as \"90s\" or \"1m30s\"."},
    "connection": {"type": "string", "default": "llm_default", "x-reference": "connection",
                   "description": "Where the model is."}
  }
})json";

Json parse(std::string_view json) { return Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false); }

Json subject(sdk::Task task, const Json& params) {
  if (const auto text = params.find("text"); text != params.end()) return *text;
  return parse(task.context_json(params.value("input_key", "text")));
}

std::string render_prompt(sdk::Task task, const std::string& prompt, const Json& text, const std::string& operation) {
  const Json variables = {{"text", text}, {"operation", operation}};
  const Json rendered = parse(sdk::render(task, prompt, variables.dump()).view());
  // A prompt that is one placeholder renders to the value itself.
  return rendered.is_string() ? rendered.get<std::string>() : rendered.dump();
}

struct TextProcessing {
  static constexpr sdk::Spec spec{
      "text_processing",
      "",
      "Summarises, translates or analyses a text, with a language model; the result is its answer, as text.",
      kParamsSchema,
      LW_OP_ASYNC | LW_OP_CONCURRENT | LW_OP_STREAMS,
      R"({"type": "string"})"};

  lw_code execute(sdk::Task task) const {
    const Json params = parse(task.params());
    const std::string operation = params.value("operation", "");
    const Json table = params.value("prompts", Json::object());
    const auto prompt = text_processing::prompt_for(operation, table);
    if (!prompt) {
      throw sdk::fail("text_processing.unknown_operation",
                      "no prompt for the operation '" + operation + "'; there are " +
                          text_processing::known_operations(table) + ", and `prompts` takes others");
    }
    const Json text = subject(task, params);
    if (text.is_null()) throw sdk::fail("text_processing.no_text", "there is nothing to process: the text is null");

    std::string rendered = render_prompt(task, *prompt, text, operation);
    return sdk::call(task.defer(), sdk::Callee::operator_named("llm"),
                     text_processing::llm_params(std::move(rendered), params),
                     [](sdk::Deferred& deferred, const sdk::CallResult& answer) {
                       answer.throw_if_failed();
                       deferred.task().result(answer.value());
                     });
  }
};

}  // namespace

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"text_processing", "1.0.0", "MIT", "Prompts on top of the operator llm."}),
               TextProcessing)
