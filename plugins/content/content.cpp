// The functions of a content pipeline: articles come in, are checked, and their summaries become one report.

#include <string>
#include <string_view>

#include <leeward/cpp/json_check.hpp>
#include <leeward/cpp/operator.hpp>

#include "article_file.hpp"

namespace {

using leeward::sdk::Task;
namespace sdk = leeward::sdk;

constexpr char kSampleArticles[] = R"([{"title": "AI趋势", "content": "人工智能正在快速发展..."}, )"
                                   R"({"title": "LLM应用", "content": "大语言模型改变了开发方式..."}])";

constexpr char kArticlesOutput[] = R"({"type": "object", "required": ["articles"],
                                       "properties": {"articles": {"type": "array"}}})";

// The list of articles in `data`, which is the list itself or an object that has it as `articles`, as extract_data
// gives it.
std::string_view articles_in(std::string_view data) {
  if (!data.empty() && data.front() == '[') return data;
  const auto articles = !data.empty() && data.front() == '{' ? sdk::member(data, "articles") : std::nullopt;
  if (articles && articles->front() == '[') return *articles;
  throw sdk::fail("content.bad_data",
                  "文章数据格式错误 (expected a list of articles, or an object with a list `articles`)");
}

void extract_from_file(Task task, const std::string& path) {
  const std::string content = content_plugin::read_file(path);
  if (!sdk::is_json(content)) throw sdk::fail("content.bad_data", path + ": expected JSON");
  constexpr char kSpace[] = " \t\r\n";
  const std::size_t start = content.find_first_not_of(kSpace);
  const std::size_t end = content.find_last_not_of(kSpace) + 1;
  const std::string_view articles = articles_in(std::string_view(content).substr(start, end - start));
  task.result_json(sdk::JsonObject().add_json("articles", articles).text());
}

LW_CALLABLE(ExtractData, "content.extract_data",
            "Extracts the articles to work on: `{\"articles\": [{\"title\", \"content\"}, ...]}`.\n\n"
            "From `articles` as given, or from a JSON file at `path` (a list of articles, or an object with a list "
            "`articles`); without either, two sample articles.",
            R"({"type": "object", "additionalProperties": false, "properties": {
                "articles": {"type": "array", "items": {"type": "object"}},
                "path": {"type": "string", "minLength": 1}},
                "not": {"required": ["articles", "path"]}})",
            kArticlesOutput) {
  std::string articles = kSampleArticles;
  if (const auto given = task.find_param("articles")) {
    articles = *given;
  } else if (task.find_param("path")) {
    return extract_from_file(task, task.param<std::string>("path"));
  }
  task.result_json(sdk::JsonObject().add_json("articles", articles).text());
}

LW_CALLABLE(ValidateData, "content.validate_data",
            "Checks that there are articles, and answers true; without any the task fails for good.\n\n"
            "`data` is what content.extract_data gave.",
            R"({"type": "object", "required": ["data"], "additionalProperties": false, "properties": {
                "data": {"type": ["object", "array"]}}})",
            R"({"const": true})") {
  const std::size_t count = sdk::elements(articles_in(task.param_json("data"))).size();
  // For good: the same data would be found wanting again, however often it is looked at.
  if (count == 0) throw sdk::fail("content.no_articles", "没有提取到文章数据 (no articles were extracted)");
  task.log(LW_LOG_INFO, "验证通过: " + std::to_string(count) + " 篇文章");
  task.result(true);
}

LW_CALLABLE(AggregateResults, "content.aggregate_results",
            "Puts summaries together to one report, an empty line between them.\n\n"
            "One summary that is no list is the report. null, such as the place of a skipped task, is left out.",
            R"({"type": "object", "required": ["summaries"], "additionalProperties": false, "properties": {
                "summaries": {"type": ["array", "string"], "items": {"type": ["string", "null"]}}}})",
            R"({"type": "string"})") {
  const std::string_view summaries = task.param_json("summaries");
  if (!summaries.empty() && summaries.front() == '"') return task.result_json(std::string(summaries));
  std::string report;
  for (const auto& summary : task.param<std::vector<std::optional<std::string>>>("summaries")) {
    if (!summary) continue;
    if (!report.empty()) report += "\n\n";
    report += *summary;
  }
  task.result(report);
}

}  // namespace

LW_PLUGIN_WITH((sdk::PluginSpec{"content", "1.0.0", "MIT", "The functions of a content pipeline."}), ExtractData,
               ValidateData, AggregateResults)
