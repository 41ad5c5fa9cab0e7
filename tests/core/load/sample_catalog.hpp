#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "core/base/json_schema.hpp"
#include "core/load/dag_loader.hpp"
#include "core/model/operator_info.hpp"

namespace leeward::test {

/// Operators and callables with every annotation that the loader knows. Nothing in it can run.
class SampleCatalog final : public OperatorCatalog {
 public:
  SampleCatalog() {
    add("empty", R"({"type": "object", "additionalProperties": false})");
    add("echo", R"({"type": "object", "required": ["value"], "properties": {"value": {}}})");
    add("bash", R"({"type": "object", "required": ["command"], "additionalProperties": false, "properties": {
        "command": {"type": "string", "x-template": false}, "args": {"type": "array"}, "env": {"type": "object"}}})");
    add("callable", R"({"type": "object", "required": ["callable"], "additionalProperties": false, "properties": {
        "callable": {"type": "string", "x-reference": "callable"},
        "args": {"type": "object", "x-args-of": "callable"}}})");
    add("branch", R"({"type": "object", "additionalProperties": false, "properties": {
        "cases": {"type": "array", "items": {"type": "object", "required": ["if", "then"], "properties": {
          "if": {"x-condition": true}, "then": {"$ref": "#/definitions/choice"}}}},
        "else": {"$ref": "#/definitions/choice"}},
        "definitions": {"choice": {"x-reference": "downstream"}}})")
        .traits.branches = true;
    add("llm", R"({"type": "object", "required": ["prompt"], "additionalProperties": false, "properties": {
        "prompt": {"type": "string"}, "model": {"type": "string"},
        "models": {"type": "array", "items": {"type": "string"}},
        "temperature": {"type": "number", "minimum": 0, "maximum": 2}, "max_tokens": {"type": "integer", "minimum": 1},
        "max_retries": {"type": "integer"}, "stream": {"type": "boolean"},
        "connection": {"type": "string", "default": "llm_default", "x-reference": "connection"}}})");
    add("text_processing", R"({"type": "object", "required": ["operation"], "properties": {
        "operation": {"type": "string"}, "text": {"type": "string"},
        "input_key": {"type": "string", "x-reference": "context"},
        "prompts": {"type": "object", "x-template": ["text", "operation"]}}})");
    add("time_sensor", R"({"type": "object", "additionalProperties": false, "properties": {
        "target": {"type": "string"}, "delta": {"type": ["number", "string"]}}})");
    add("approval", R"({"type": "object", "required": ["subject"], "properties": {
        "options_mapping": {"type": "object", "additionalProperties": {"x-reference": "downstream"}}}})");
    add("either", R"({"type": "object", "oneOf": [
        {"required": ["script"], "properties": {"script": {"type": "string", "x-template": false}}},
        {"required": ["next"], "properties": {"next": {"anyOf": [
            {"type": "string", "x-reference": "downstream"}, {"type": "array", "items": {"x-condition": true}}]}}},
        {"allOf": [{"$ref": "#/definitions/a~1b"}], "required": ["link"]}],
        "definitions": {"a/b": {"properties": {"link": {
            "type": "string", "default": "spare", "x-reference": "connection"}}}}})");
    add("probe", R"({"type": "object", "properties": {"check": {"x-condition": true, "x-template": ["status"]}}})");
    add("report", R"({"type": "object"})").output_schema =
        compiled(R"({"type": "object", "properties": {"title": {}, "score": {}, "not a name": {}}})");
    add_callable("content.extract_data", R"({"type": "object"})");
    callables_["content.extract_data"].output_schema = compiled(R"({"properties": {"articles": {"type": "array"}}})");
    add_callable("content.validate_data",
                 R"({"type": "object", "required": ["data"], "properties": {"data": {"type": ["object", "array"]}}})");
    for (const char* name : {"text.concat", "text.join", "text.truncate", "text.upper"}) {
      add_callable(name, R"({"type": "object", "minProperties": 1, "properties": {
          "parts": {"type": "array"}, "items": {"type": "array"}, "separator": {"type": "string"},
          "text": {"type": "string"}, "length": {"type": "integer"}}, "additionalProperties": false})");
    }
  }

  [[nodiscard]] const OperatorInfo* find_operator(std::string_view name) const override {
    return find(operators_, name);
  }
  [[nodiscard]] const OperatorInfo* find_callable(std::string_view name) const override {
    return find(callables_, name);
  }
  [[nodiscard]] std::vector<std::string> operator_names() const override { return names(operators_); }
  [[nodiscard]] std::vector<std::string> callable_names() const override { return names(callables_); }

 private:
  using Infos = std::map<std::string, OperatorInfo, std::less<>>;

  static OperatorInfo info(const char* name, const char* schema) {
    OperatorInfo made;
    made.name = name;
    made.params_schema = compiled(schema);
    return made;
  }
  static std::shared_ptr<const JsonSchema> compiled(const char* schema) {
    auto made = JsonSchema::compile(JsonDocument::of(Value{std::string{schema}}));
    REQUIRE(made.ok());
    return *made;
  }
  OperatorInfo& add(const char* name, const char* schema) { return operators_[name] = info(name, schema); }
  void add_callable(const char* name, const char* schema) { callables_[name] = info(name, schema); }

  static const OperatorInfo* find(const Infos& infos, std::string_view name) {
    const auto found = infos.find(name);
    return found == infos.end() ? nullptr : &found->second;
  }
  static std::vector<std::string> names(const Infos& infos) {
    std::vector<std::string> all;
    for (const auto& [name, info] : infos) all.push_back(name);
    return all;
  }

  Infos operators_, callables_;
};

inline const SampleCatalog& sample_catalog() {
  static const SampleCatalog kCatalog;
  return kCatalog;
}

inline LoadedDag load(std::string text) { return load_dag(std::move(text), "x.json", sample_catalog()); }

/// The Dag of a text that has no mistakes.
inline std::shared_ptr<const Dag> good(std::string text) {
  const LoadedDag loaded = load(std::move(text));
  for (const Error& error : loaded.errors) UNSCOPED_INFO(to_string(error));
  REQUIRE(loaded.errors.empty());
  REQUIRE(loaded.dag != nullptr);
  return loaded.dag;
}

inline const Task& task(const Dag& dag, std::string_view id) {
  INFO(id);
  REQUIRE(dag.find(id).valid());
  return dag.task(dag.find(id));
}

}  // namespace leeward::test
