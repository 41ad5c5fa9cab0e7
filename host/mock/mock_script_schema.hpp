#pragma once

namespace leeward {

/// JSON Schema of a mock server's script. README.md says what each member does.
constexpr const char* kMockScriptSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "api_key": {"type": "string", "minLength": 1},
    "models": {"type": "array", "items": {"type": "string", "minLength": 1}},
    "defaults": {"$ref": "#/definitions/timing"},
    "rules": {"type": "array", "items": {"$ref": "#/definitions/rule"}}
  },
  "definitions": {
    "ms": {"type": "integer", "minimum": 0, "maximum": 86400000},
    "timing": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "latency_ms": {"$ref": "#/definitions/ms"},
        "first_token_ms": {"$ref": "#/definitions/ms"},
        "chunk_delay_ms": {"$ref": "#/definitions/ms"},
        "chunk_characters": {"type": "integer", "minimum": 1},
        "write_bytes": {"type": "integer", "minimum": 1}
      }
    },
    "error": {
      "type": ["string", "object"],
      "additionalProperties": false,
      "properties": {
        "message": {"type": "string"},
        "type": {"type": ["string", "null"]},
        "param": {"type": ["string", "null"]},
        "code": {"type": ["string", "integer", "null"]}
      }
    },
    "rule": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "model": {"type": "string"},
        "contains": {"type": "string"},
        "stream": {"type": "boolean"},
        "call": {"type": ["integer", "array"], "minimum": 1, "items": {"type": "integer", "minimum": 1}},
        "times": {"type": "integer", "minimum": 1},
        "latency_ms": {"$ref": "#/definitions/ms"},
        "first_token_ms": {"$ref": "#/definitions/ms"},
        "chunk_delay_ms": {"$ref": "#/definitions/ms"},
        "chunk_characters": {"type": "integer", "minimum": 1},
        "write_bytes": {"type": "integer", "minimum": 1},
        "text": {"type": "string"},
        "refusal": {"type": "string"},
        "finish_reason": {"type": ["string", "null"]},
        "usage": {
          "type": ["object", "null"],
          "additionalProperties": false,
          "properties": {"input_tokens": {"type": "integer", "minimum": 0}, "output_tokens": {"type": "integer", "minimum": 0}}
        },
        "done": {"type": "boolean"},
        "status": {"type": "integer", "minimum": 200, "maximum": 599},
        "error": {"$ref": "#/definitions/error"},
        "stream_error": {"$ref": "#/definitions/error"},
        "retry_after": {"type": ["number", "string"]},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "body": {},
        "content_type": {"type": "string"},
        "stop_after_chunks": {"type": "integer", "minimum": 0},
        "stop_after_bytes": {"type": "integer", "minimum": 0},
        "end": {"enum": ["cut", "close", "reset", "hang"]}
      }
    }
  }
})json";

}  // namespace leeward
