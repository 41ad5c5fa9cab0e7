// Who may include whom, and which package has which door (CONTRIBUTING.md says why).
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/tidy/source_tree.hpp"

namespace {
using leeward::tidy::finding;
using leeward::tidy::include_of;
using leeward::tidy::joined;
using leeward::tidy::source_tree;
using leeward::tidy::SourceFile;

/// Files of `from` may include, of our own folders, only those in `to`.
struct Arrow {
  std::string from;
  std::vector<std::string> to;
};

//  base <- model <- load | exec | store | observe <- engine <- host;   plugins -> sdk
const std::vector<Arrow> kArrows{
    {"core/base", {"core/base"}},
    {"core/model", {"core/base", "core/model"}},
    {"core/load", {"core/base", "core/model", "core/load"}},
    {"core/exec", {"core/base", "core/model", "core/exec"}},
    {"core/store", {"core/base", "core/model", "core/store"}},
    {"core/observe", {"core/base", "core/model", "core/observe"}},
    {"core/engine", {"core"}},
    {"host/net", {"host/net", "core/base"}},
    {"host/process", {"host/process", "core/base"}},
    {"host/mock", {"host/mock", "host/net", "core/base"}},
    {"host/secret", {"host/secret", "core"}},
    {"host/plugin", {"host/plugin", "host/process", "host/net", "host/secret", "host/version.hpp", "core"}},
    {"host/runner", {"host/runner", "host/plugin", "host/process", "host/net", "host/version.hpp", "core"}},
    {"host/observe", {"host/observe", "host/plugin", "host/secret", "core"}},
    {"host", {"host", "core"}},
    {"sdk", {}},
    {"plugins", {"plugins"}},
};

/// The package that an include path belongs to, and the files that may name it.
struct Door {
  std::string package;
  std::vector<std::string> include_prefixes;
  std::vector<std::string> allowed_path_prefixes;
};

const std::vector<Door> kDoors{
    {"nlohmann_json", {"nlohmann/"}, {"core/base/json", "plugins/", "sdk/", "tests/"}},
    {"RE2", {"re2/"}, {"core/base/regex"}},
    {"Boost.DLL", {"boost/dll"}, {"host/plugin/plugin_library"}},
    {"Boost.Asio and Beast", {"boost/asio", "boost/beast", "boost/system"}, {"host/net/", "tests/host/net/"}},
    {"OpenSSL", {"openssl/"}, {"core/base/digest", "host/net/", "tests/host/net/"}},
    {"Poco::Net", {"Poco/Net/"}, {"host/http/"}},
    {"Poco", {"Poco/"}, {"host/cli/options", "host/http/"}},
    {"spdlog", {"spdlog/"}, {"host/observe/log"}},
    {"SQLite", {"sqlite3.h"}, {"core/store/sqlite_db.cpp", "tests/faults/", "tests/bench/store_bench.cpp"}},
    {"oneTBB", {"tbb/", "oneapi/"}, {"tests/bench/"}},
    {"starting processes", {"spawn.h"}, {"host/process/child_process", "plugins/bash/", "tests/"}},
    {"seccomp", {"linux/seccomp.h", "linux/filter.h"}, {"host/process/seccomp_filter"}},
    {"dynamic loading", {"dlfcn.h"}, {"host/plugin/", "sdk/include/leeward/testing/", "tests/"}},
};

bool starts_with_any(std::string_view text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const auto& p) { return text.starts_with(p); });
}

const Arrow* arrow_of(const SourceFile& file) {
  const auto it = std::find_if(kArrows.begin(), kArrows.end(), [&](const Arrow& a) { return file.under(a.from); });
  return it == kArrows.end() ? nullptr : &*it;
}

bool ours(const std::string& path) { return starts_with_any(path, {"core/", "host/", "plugins/", "tests/", "sdk/"}); }

bool arrow_allows(const Arrow& arrow, const std::string& included) {
  return std::any_of(arrow.to.begin(), arrow.to.end(),
                     [&](const auto& to) { return included == to || included.starts_with(to + "/"); });
}

}  // namespace

TEST_CASE("Includes point one way", "[tidy]") {
  std::vector<std::string> bent;
  for (const auto& file : source_tree()) {
    const Arrow* arrow = file.is_cpp() ? arrow_of(file) : nullptr;
    if (arrow == nullptr) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto include = include_of(file.lines[i]);
      if (include.quoted && ours(include.path) && !arrow_allows(*arrow, include.path)) {
        bent.push_back(finding(file, i, arrow->from + " may not include " + include.path));
      }
      if (include.path.starts_with("leeward/") && file.under("core")) {
        bent.push_back(finding(file, i, "core does not know the SDK"));
      }
    }
  }
  INFO(joined(bent));
  CHECK(bent.empty());
}

TEST_CASE("Our own headers are included from the root of the tree", "[tidy]") {
  std::vector<std::string> relative;
  for (const auto& file : source_tree()) {
    if (!file.is_cpp() || file.under("plugins") || file.under("sdk")) continue;  // these could live anywhere
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto include = include_of(file.lines[i]);
      if (include.quoted && !ours(include.path)) relative.push_back(finding(file, i, include.path));
    }
  }
  INFO(joined(relative));
  CHECK(relative.empty());
}

TEST_CASE("Every package has one door", "[tidy]") {
  std::vector<std::string> broken;
  for (const auto& file : source_tree()) {
    if (!file.is_cpp()) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto include = include_of(file.lines[i]);
      const auto door = std::find_if(kDoors.begin(), kDoors.end(),
                                     [&](const Door& d) { return starts_with_any(include.path, d.include_prefixes); });
      if (door != kDoors.end() && !starts_with_any(file.path, door->allowed_path_prefixes)) {
        broken.push_back(finding(file, i, door->package + " has its door elsewhere"));
      }
    }
  }
  INFO(joined(broken));
  CHECK(broken.empty());
}
