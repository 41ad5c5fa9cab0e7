// Documentation that points nowhere is worse than none.
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/tidy/source_tree.hpp"

namespace {
using leeward::tidy::exists_in_tree;
using leeward::tidy::finding;
using leeward::tidy::joined;
using leeward::tidy::source_tree;

/// The targets of `[text](target)` in a line.
std::vector<std::string> links_in(const std::string& line) {
  std::vector<std::string> links;
  for (auto at = line.find("]("); at != std::string::npos; at = line.find("](", at + 1)) {
    const auto end = line.find(')', at);
    if (end != std::string::npos) links.push_back(line.substr(at + 2, end - at - 2));
  }
  return links;
}

bool is_local(const std::string& link) {
  return !link.empty() && link.front() != '#' && link.find("://") == std::string::npos && !link.starts_with("mailto:");
}

}  // namespace

TEST_CASE("Every link in Markdown leads to a file of the tree", "[tidy]") {
  std::vector<std::string> broken;
  for (const auto& file : source_tree()) {
    if (!file.ends_with(".md")) continue;
    bool in_code = false;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (file.lines[i].starts_with("```")) in_code = !in_code;
      if (in_code) continue;
      for (auto link : links_in(file.lines[i])) {
        if (!is_local(link)) continue;
        link = link.substr(0, link.find('#'));
        const auto target = (std::filesystem::path(file.path).parent_path() / link).lexically_normal();
        if (!exists_in_tree(target)) broken.push_back(finding(file, i, "no such file: " + link));
      }
    }
  }
  INFO(joined(broken));
  CHECK(broken.empty());
}
