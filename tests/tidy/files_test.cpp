// What each file and folder owes its readers: listed, used, short enough, nothing left lying about.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/tidy/source_tree.hpp"

namespace {
using leeward::tidy::exists_in_tree;
using leeward::tidy::finding;
using leeward::tidy::include_of;
using leeward::tidy::joined;
using leeward::tidy::source_tree;
using leeward::tidy::SourceFile;

constexpr std::size_t kLongestFile = 500;
constexpr std::size_t kLongestFunction = 70;

/// Files that may be longer, and why. An entry that is no longer needed fails the test, too.
const std::map<std::string, std::string> kLongFiles{};

std::string folder_of(const std::string& path) { return path.substr(0, path.find_last_of('/') + 1); }
std::string name_of(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

bool mentions(const SourceFile& file, const std::string& word) {
  return std::any_of(file.lines.begin(), file.lines.end(),
                     [&](const auto& line) { return line.find(word) != std::string::npos; });
}

/// Is the file named by the CMakeLists.txt of its folder, or of one above it?
bool listed(const SourceFile& source) {
  return std::any_of(source_tree().begin(), source_tree().end(), [&](const SourceFile& f) {
    return (f.ends_with("CMakeLists.txt") || f.ends_with(".cmake")) && source.path.starts_with(folder_of(f.path)) &&
           mentions(f, name_of(source.path));
  });
}

}  // namespace

TEST_CASE("Every source file is listed by a CMakeLists.txt", "[tidy]") {
  std::vector<std::string> dead;
  for (const auto& file : source_tree()) {
    if ((file.ends_with(".cpp") || file.ends_with(".c")) && !listed(file)) dead.push_back(file.path);
  }
  INFO(joined(dead));
  CHECK(dead.empty());
}

TEST_CASE("Every header is included by somebody, and not only by its test", "[tidy]") {
  std::set<std::string> by_the_program;
  std::set<std::string> by_tests;
  for (const auto& file : source_tree()) {
    auto& included = file.under("tests") ? by_tests : by_the_program;
    for (const auto& line : file.lines) {
      const auto include = include_of(line);
      included.insert(include.path);
      if (include.quoted) included.insert(folder_of(file.path) + include.path);  // as plugins include their own
    }
  }
  std::vector<std::string> dead;
  for (const auto& file : source_tree()) {
    if (!file.is_header()) continue;
    constexpr std::string_view kSdk = "sdk/include/";
    const bool for_strangers = file.path.starts_with(kSdk);
    const std::string as_included = for_strangers ? file.path.substr(kSdk.size()) : file.path;
    const bool tests_count = for_strangers || file.under("tests");
    if (by_the_program.contains(as_included) || (tests_count && by_tests.contains(as_included))) continue;
    dead.push_back(file.path);
  }
  INFO(joined(dead));
  CHECK(dead.empty());
}

TEST_CASE("A C++ header of ours opens with #pragma once, a C header with its guard", "[tidy]") {
  std::vector<std::string> open;
  for (const auto& file : source_tree()) {
    if (!file.is_header()) continue;
    const bool guarded = file.ends_with(".hpp") ? mentions(file, "#pragma once") || mentions(file, "#ifndef LEEWARD_")
                                                : mentions(file, "#ifndef LEEWARD_");
    if (!guarded) open.push_back(file.path);
  }
  INFO(joined(open));
  CHECK(open.empty());
}

TEST_CASE("No file has grown past its purpose", "[tidy]") {
  std::vector<std::string> wrong;
  for (const auto& file : source_tree()) {
    if (!file.is_cpp()) continue;
    const bool is_long = file.lines.size() > kLongestFile;
    const bool excused = kLongFiles.contains(file.path);
    if (is_long && !excused) wrong.push_back(file.path + ": " + std::to_string(file.lines.size()) + " lines");
    if (!is_long && excused) wrong.push_back(file.path + ": no longer needs its exception");
  }
  INFO(joined(wrong));
  CHECK(wrong.empty());
}

TEST_CASE("No function has grown past a page", "[tidy]") {
  // Our layout puts a function's first line and its closing brace at the left margin, whatever namespace it is in.
  std::vector<std::string> wrong;
  for (const auto& file : source_tree()) {
    if (!file.ends_with(".cpp") || file.under("tests")) continue;
    std::size_t start = 0;
    bool inside = false;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      const bool at_margin = !line.empty() && line.front() != ' ' && line.front() != '}';
      if (at_margin && line.ends_with("{")) {
        inside = line.find('(') != std::string::npos && !line.starts_with("namespace");
        start = i;
      } else if (inside && line == "}") {
        inside = false;
        if (i - start > kLongestFunction) wrong.push_back(finding(file, start, std::to_string(i - start) + " lines"));
      }
    }
  }
  INFO(joined(wrong));
  CHECK(wrong.empty());
}

TEST_CASE("Nothing unfinished is left in the tree", "[tidy]") {
  const std::vector<std::string> marks{std::string("TO") + "DO", std::string("FIX") + "ME",
                                       std::string("X") + "XX:", std::string("HA") + "CK"};
  std::vector<std::string> left;
  for (const auto& file : source_tree()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const auto& mark : marks) {
        if (file.lines[i].find(mark) != std::string::npos) left.push_back(finding(file, i, mark));
      }
    }
  }
  INFO(joined(left));
  CHECK(left.empty());
}

TEST_CASE("Every top folder and every plugin has a README", "[tidy]") {
  std::set<std::string> folders{"core/", "dags/", "host/", "plugins/", "sdk/", "tests/"};
  for (const auto& file : source_tree()) {
    if (file.under("plugins") && file.ends_with(".cpp")) folders.insert(folder_of(file.path));
  }
  std::vector<std::string> missing;
  for (const auto& folder : folders) {
    if (!exists_in_tree(folder + "README.md")) missing.push_back(folder);
  }
  INFO(joined(missing));
  CHECK(missing.empty());
}
