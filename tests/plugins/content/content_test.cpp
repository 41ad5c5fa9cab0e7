#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/plugins/shipped.hpp"

namespace {

leeward::testing::Result call(const std::string& name, const std::string& args) {
  return run_shipped("content", "content." + name, args);
}

std::string file_with(const std::string& content) {
  const auto path =
      std::filesystem::temp_directory_path() / ("leeward-content-test-" + std::to_string(::getpid()) + ".json");
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

}  // namespace

TEST_CASE("extract_data has sample articles", "[content]") {
  const auto done = call("extract_data", "{}");
  CHECK(done.code == LW_OK);
  CHECK_THAT(done.result, Catch::Contains(R"("title": "AI趋势")") && Catch::Contains("大语言模型改变了开发方式..."));
  CHECK(call("validate_data", R"({"data": )" + done.result + "}").code == LW_OK);
}

TEST_CASE("extract_data takes the articles it is given", "[content]") {
  CHECK(call("extract_data", R"({"articles": [{"title": "x"}]})").result == R"({"articles":[{"title": "x"}]})");
  CHECK(call("extract_data", R"({"articles": []})").result == R"({"articles":[]})");
}

TEST_CASE("extract_data reads a file, a list or an object", "[content]") {
  const std::string content =
      GENERATE(" [{\"title\": \"x\"}]\n", "\n{\"source\": 1, \"articles\": [{\"title\": \"x\"}]}");
  const std::string path = file_with(content);
  const auto done = call("extract_data", R"({"path": ")" + path + "\"}");
  std::filesystem::remove(path);
  CHECK(done.code == LW_OK);
  CHECK(done.result == R"({"articles":[{"title": "x"}]})");
}

TEST_CASE("extract_data names a file that it cannot use", "[content]") {
  const auto [content, code] = GENERATE(table<const char*, lw_code>(
      {{"not json", LW_FAIL}, {"", LW_FAIL}, {"[1", LW_FAIL}, {"{\"articles\": 3}", LW_FAIL}, {"7", LW_FAIL}}));
  const std::string path = file_with(content);
  CHECK(call("extract_data", R"({"path": ")" + path + "\"}").code == code);
  std::filesystem::remove(path);
  const auto missing = call("extract_data", R"({"path": "/no/such/file"})");
  CHECK(missing.code == LW_RETRY);
  CHECK_THAT(missing.error.message, Catch::Contains("/no/such/file"));
  CHECK(call("extract_data", R"({"path": "/"})").code == LW_FAIL);
}

TEST_CASE("validate_data counts the articles and says so", "[content]") {
  const auto done = call("validate_data", R"({"data": {"articles": [{}, {}]}})");
  CHECK(done.code == LW_OK);
  CHECK(done.result == "true");
  CHECK(done.logged("验证通过: 2 篇文章"));
  CHECK(call("validate_data", R"({"data": [{}]})").code == LW_OK);
}

TEST_CASE("validate_data fails for good when there are no articles", "[content]") {
  const auto done = call("validate_data", R"({"data": {"articles": []}})");
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "content.no_articles");
  CHECK_THAT(done.error.message, Catch::Contains("没有提取到文章数据"));
}

TEST_CASE("validate_data says what data should look like", "[content]") {
  const std::string data = GENERATE("{}", "3", R"({"articles": {}})", "null", R"("articles")");
  const auto done = call("validate_data", R"({"data": )" + data + "}");
  CHECK(done.code == LW_FAIL);
  CHECK_THAT(done.error.message, Catch::Contains("expected a list of articles"));
}

TEST_CASE("aggregate_results puts an empty line between summaries", "[content]") {
  CHECK(call("aggregate_results", R"({"summaries": ["一", null, "二"]})").result == R"("一\n\n二")");
  CHECK(call("aggregate_results", R"({"summaries": "只有一个"})").result == R"("只有一个")");
  CHECK(call("aggregate_results", R"({"summaries": []})").result == R"("")");
  CHECK(call("aggregate_results", R"({"summaries": [1]})").code == LW_FAIL);
}
