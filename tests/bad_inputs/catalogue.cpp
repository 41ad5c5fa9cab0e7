#include "tests/bad_inputs/catalogue.hpp"

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace leeward::bad_inputs {

std::shared_ptr<const JsonDocument> catalogue() {
  const char* shared = std::getenv("LEEWARD_SHARED");
  const std::string file = (shared != nullptr ? std::string{shared} : std::string{LEEWARD_SOURCE_DIR "/../shared"}) +
                           "/conformance/bad_inputs.json";
  std::ifstream in(file, std::ios::binary);
  if (!in) return nullptr;
  auto document = JsonDocument::parse({std::istreambuf_iterator<char>(in), {}}, file);
  if (!document) throw std::runtime_error(to_string(document.error()));
  return *document;
}

std::string group_of(std::string_view id) { return std::string(id.substr(0, 1)); }

const std::vector<std::pair<std::string, std::string>>& group_names() {
  static const std::vector<std::pair<std::string, std::string>> kNames{
      {"J", "JSON"},        {"S", "DAGs"},           {"T", "templates"},  {"P", "plugins"},
      {"L", "LLM servers"}, {"R", "REST and pages"}, {"E", "environment"}};
  return kNames;
}

std::string id_in(std::string_view test_name) {
  const std::string_view word = test_name.substr(0, test_name.find(' '));
  if (word.size() != 4 || std::isupper(static_cast<unsigned char>(word[0])) == 0) return {};
  for (const char c : word.substr(1)) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return {};
  }
  return std::string(word);
}

const std::map<std::string, std::vector<std::string>>& our_codes() {
  static const std::map<std::string, std::vector<std::string>> kCodes{
      {"E_JSON_DEPTH", {"json.depth"}},
      {"E_SPEC_TOO_LARGE", {"json.too_large", "file.too_large", "json.depth"}},
      {"E_JSON_DUP_KEY", {"json.duplicate_key"}},
      {"E_JSON_UTF8", {"json.utf8"}},
      {"E_JSON_BOM", {"json.bom"}},
      {"E_JSON_TRAILING", {"json.trailing"}},
      {"E_JSON_EMPTY", {"json.empty"}},
      {"E_JSON_SYNTAX", {"json.syntax", "json.number"}},
      {"E_NUM_RANGE", {"json.number", "spec.value", "spec.duration"}},
      {"E_ID_CHARS", {"spec.id"}},
      {"E_ID_LENGTH", {"spec.id"}},
      {"E_SPEC_TYPE", {"spec.type"}},
      {"E_SPEC_LIMIT", {"spec.limit", "json.too_large"}},
      {"E_SPEC_UNKNOWN_FIELD", {"spec.unknown_key"}},
      {"E_SPEC_VERSION", {"spec.unknown_key"}},
      {"E_DAG_CYCLE", {"spec.cycle"}},
      {"E_DAG_EMPTY", {"spec.value"}},
      {"E_DAG_DUP", {"run.ambiguous_dag"}},
      {"E_OP_UNKNOWN", {"spec.unknown_operator"}},
      {"E_TASK_DUP", {"spec.duplicate_task"}},
      {"E_DEP_MISSING", {"spec.unknown_task"}},
      {"E_CRON_SYNTAX", {"spec.schedule"}},
      {"E_PARAM_TYPE", {"schema.type"}},
      {"E_FILE_TYPE", {"file.unreadable", "plugin.unreadable"}},
      {"E_FILE_READ", {"file.unreadable"}},
      {"E_TPL_SIZE", {"template.too_large"}},
      {"E_TPL_SYNTAX", {"template.syntax"}},
      {"E_SECRET_SCOPE", {"spec.unknown_name"}},
      {"E_LLM_AUTHORITY", {"spec.unknown_operator", "dag_run.outside", "run.outside"}},
      {"E_PLUG_FORMAT", {"plugin.not_a_plugin"}},
      {"E_PLUG_PROBE", {"plugin.not_a_plugin", "plugin.crashed", "plugin.hung"}},
      {"E_PLUG_ARCH", {"plugin.not_a_plugin"}},
      {"E_PLUG_SYMBOL", {"plugin.load"}},
      {"E_PLUG_ENTRY", {"plugin.not_a_plugin"}},
      {"E_PLUG_ABI", {"plugin.abi"}},
      {"E_PLUG_PERM", {"plugin.permissions"}},
      {"E_PLUG_HASH", {"plugin.changed"}},
      {"E_OP_DUP", {"plugin.duplicate"}},
      {"E_OP_EXCEPTION", {"operator.exception"}},
      {"E_OP_CRASH", {"plugin.crashed"}},
      {"E_OP_EXIT", {"plugin.crashed"}},
      {"E_OP_TIMEOUT", {"task.timeout", "plugin.crashed"}},
      {"E_OP_OOM", {"plugin.crashed", "operator.exception"}},
      {"E_OP_LIMIT", {"sample.limit"}},
      {"E_OP_RESULT_SIZE", {"plugin.bad_result"}},
      {"E_OP_RESULT", {"plugin.bad_result"}},
      {"E_LLM_CONTENT_TYPE", {"llm.schema"}},
      {"E_LLM_STREAM", {"llm.schema", "llm.truncated"}},
      {"E_LLM_TRUNCATED", {"llm.truncated"}},
      {"E_LLM_TOO_LARGE", {"llm.too_large"}},
      {"E_LLM_TIMEOUT", {"llm.timeout"}},
      {"E_LLM_FRAMING", {"llm.connection", "llm.truncated", "llm.too_large"}},
      {"E_LLM_REDIRECT", {"llm.redirected"}},
      {"E_LLM_RATE", {"llm.rate_limited"}},
      {"E_LLM_RESET", {"llm.connection", "llm.truncated"}},
      {"E_LLM_SCHEMA", {"llm.schema"}},
      {"E_LLM_TLS", {"llm.connection"}},
      {"E_STORE_FULL", {"store.full"}},
      {"E_OOM", {"store.io"}},
      {"E_LIMIT", {"store.io", "spec.unknown_operator"}},
      {"E_STORE_LOCKED", {"run.owned", "store.locked"}},
      {"E_STORE_CORRUPT", {"store.corrupt"}},
      {"E_STORE_VERSION", {"store.newer"}},
      {"E_SECRET_PERM", {"file.permissions", "config.permissions"}},
  };
  return kCodes;
}

}  // namespace leeward::bad_inputs
