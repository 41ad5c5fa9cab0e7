#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace leeward::tidy {

/// One file of the checkout.
struct SourceFile {
  std::string path;  ///< from the root, with '/'
  std::vector<std::string> lines;

  [[nodiscard]] bool under(std::string_view folder) const;  ///< "core/load": also of its subfolders
  [[nodiscard]] bool ends_with(std::string_view suffix) const;
  [[nodiscard]] bool is_cpp() const;  ///< C or C++, header or source
  [[nodiscard]] bool is_header() const;
};

/// What a line includes: `path` without its quotes or brackets; empty if the line includes nothing.
struct Include {
  std::string path;
  bool quoted = false;
};
[[nodiscard]] Include include_of(std::string_view line);

/// Every text file of the checkout, sorted, without build trees, hidden folders and node_modules. Read once.
[[nodiscard]] const std::vector<SourceFile>& source_tree();
[[nodiscard]] bool exists_in_tree(const std::filesystem::path& path_from_root);

/// "path:line: what": how each finding of these tests reads.
[[nodiscard]] std::string finding(const SourceFile& file, std::size_t line_index, std::string_view what);
/// Findings, a line each, for one CHECK that shows them all.
[[nodiscard]] std::string joined(const std::vector<std::string>& findings);

}  // namespace leeward::tidy
