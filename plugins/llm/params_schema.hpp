#pragma once

namespace llm {

/// JSON Schema of `with`.
constexpr const char* kParamsSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "anyOf": [{"required": ["prompt"]}, {"required": ["messages"]}],
  "properties": {
    "prompt": {"type": "string", "description": "What the model is asked, as the user's message. Goes last, behind `messages`."},
    "system": {"type": "string", "description": "The system message. Goes first."},
    "messages": {
      "type": "array", "minItems": 1,
      "description": "A conversation in OpenAI's form, for few-shot prompts and images.",
      "items": {
        "type": "object", "required": ["role", "content"],
        "properties": {
          "role": {"enum": ["system", "developer", "user", "assistant", "tool"]},
          "content": {"type": ["string", "array"]}
        }
      }
    },
    "model": {"type": "string", "minLength": 1,
              "description": "The model to ask. Default: the connection's `model`, else gpt-4."},
    "models": {"type": "array", "minItems": 1, "maxItems": 6, "items": {"type": "string", "minLength": 1},
               "description": "Models to ask in this order: the next one when one fails for a reason of its own (limits, server errors, timeouts, an empty purse), never when the request or the key is at fault. Goes before `model`."},
    "temperature": {"type": ["number", "null"], "minimum": 0, "maximum": 2, "default": 0.7,
                    "description": "null: the model's own. The default is not sent to reasoning models, which refuse it."},
    "max_tokens": {"type": ["integer", "null"], "minimum": 1, "default": 1000,
                   "description": "The longest answer, in tokens. null: the server's own limit. The default is not sent to reasoning models, which count their hidden reasoning too."},
    "token_limit_field": {"enum": ["auto", "max_tokens", "max_completion_tokens"], "default": "auto",
                          "description": "Under which name the limit goes out. auto: max_completion_tokens for OpenAI's reasoning models, else max_tokens."},
    "top_p": {"type": "number", "minimum": 0, "maximum": 1, "description": "Nucleus sampling."},
    "stop": {"type": ["string", "array"], "items": {"type": "string"}, "maxItems": 4,
             "description": "The answer ends before any of these."},
    "seed": {"type": "integer", "description": "Asks for repeatable sampling, where the server offers it."},
    "response_format": {"type": "object", "required": ["type"],
                        "description": "Passed to the server as it is: {\"type\": \"json_object\"}, or json_schema with a schema. An answer cut at max_tokens is then an error."},
    "stream": {"type": "boolean", "default": false,
               "description": "Show the answer while it is being written. Nothing is asked again once text was shown."},
    "connection": {"type": "string", "default": "llm_default", "x-reference": "connection",
                   "description": "Where the model is: address, key and limits, from the host's configuration."},
    "max_retries": {"type": "integer", "minimum": 0, "maximum": 10, "default": 2,
                    "description": "Further quick tries for each model, in the task's first attempt only: the task's own `retries` do not multiply with them."},
    "timeout": {"type": ["number", "string"], "exclusiveMinimum": 0, "maximum": 86400, "pattern": "^([0-9]+([.][0-9]+)?(ms|s|m|h))+$", "default": 600,
                "description": "For everything together: all models, all tries, all waits. Seconds, or a text such as \"90s\" or \"1m30s\"."},
    "first_token_timeout": {"type": ["number", "string"], "exclusiveMinimum": 0, "maximum": 86400,
                            "pattern": "^([0-9]+([.][0-9]+)?(ms|s|m|h))+$",
                            "description": "Until the answer begins; written as `timeout` is. Default: 60 with `stream`, else 300."},
    "idle_timeout": {"type": ["number", "string"], "exclusiveMinimum": 0, "maximum": 86400, "pattern": "^([0-9]+([.][0-9]+)?(ms|s|m|h))+$", "default": 60,
                     "description": "Between two pieces of an answer; written as `timeout` is."},
    "max_retry_after": {"type": "number", "minimum": 0, "maximum": 300, "default": 120,
                        "description": "The longest wait, in seconds, that a server may ask for (Retry-After) and that is waited out here. A longer one ends the tries with this model."}
  }
})json";

}  // namespace llm
