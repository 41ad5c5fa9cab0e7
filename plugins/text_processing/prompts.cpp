#include "prompts.hpp"

#include <array>
#include <utility>

namespace text_processing {
namespace {

struct BuiltIn {
  const char* operation;
  const char* prompt;
};

constexpr std::array<BuiltIn, 3> kBuiltIn = {{
    {"summarize", "请用100字以内总结以下内容:\n{text}"},
    {"translate", "将以下内容翻译成英文:\n{text}"},
    {"analyze", "分析以下内容的关键要点:\n{text}"},
}};
constexpr const char* kPlainPrompt = "处理文本:{text}";
constexpr const char* kDefault = "default";

std::optional<std::string> of_author(const Json& table, const std::string& name) {
  if (!table.is_object()) return std::nullopt;
  const auto found = table.find(name);
  if (found == table.end()) return std::nullopt;
  return found->is_string() ? found->get<std::string>() : std::string{kPlainPrompt};
}

}  // namespace

std::optional<std::string> prompt_for(const std::string& operation, const Json& author_table) {
  if (auto prompt = of_author(author_table, operation)) return prompt;
  for (const BuiltIn& built_in : kBuiltIn) {
    if (operation == built_in.operation) return std::string{built_in.prompt};
  }
  return of_author(author_table, kDefault);
}

std::string known_operations(const Json& author_table) {
  std::string names;
  for (const BuiltIn& built_in : kBuiltIn) names += (names.empty() ? "" : ", ") + std::string{built_in.operation};
  if (!author_table.is_object()) return names;
  for (const auto& item : author_table.items()) names += ", " + item.key();
  return names;
}

std::string llm_params(std::string prompt, const Json& params) {
  Json out = {{"prompt", std::move(prompt)}, {"temperature", nullptr}, {"max_tokens", nullptr}};
  for (const char* name :
       {"model", "models", "temperature", "max_tokens", "system", "connection", "stream", "max_retries", "timeout"}) {
    if (const auto found = params.find(name); found != params.end()) out[name] = *found;
  }
  return out.dump();
}

}  // namespace text_processing
