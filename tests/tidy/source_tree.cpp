#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <fstream>

namespace leeward::tidy {
namespace fs = std::filesystem;

namespace {

const fs::path kRoot = LEEWARD_SOURCE_DIR;

bool skipped_folder(const std::string& name) {
  return name == "build" || name == "node_modules" || (name.size() > 1 && name.front() == '.' && name != ".ci");
}

bool is_text(const fs::path& path) {
  static const std::vector<std::string> kEndings{".cpp", ".hpp",   ".h",  ".c",  ".md",  ".json", ".txt",
                                                 ".in",  ".cmake", ".py", ".sh", ".map", ".ts",   ".tsx"};
  return std::find(kEndings.begin(), kEndings.end(), path.extension()) != kEndings.end() || path.filename() == "dev" ||
         path.parent_path().filename() == ".ci";
}

SourceFile read(const fs::path& path) {
  SourceFile file{fs::relative(path, kRoot).generic_string(), {}};
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) file.lines.push_back(std::move(line));
  return file;
}

std::vector<SourceFile> read_tree() {
  std::vector<SourceFile> files;
  for (auto it = fs::recursive_directory_iterator(kRoot); it != fs::recursive_directory_iterator(); ++it) {
    if (it->is_directory() && skipped_folder(it->path().filename())) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file() && is_text(it->path())) {
      files.push_back(read(it->path()));
    }
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

}  // namespace

bool SourceFile::under(std::string_view folder) const {
  return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 && path[folder.size()] == '/';
}

bool SourceFile::ends_with(std::string_view suffix) const { return std::string_view(path).ends_with(suffix); }

bool SourceFile::is_header() const { return ends_with(".hpp") || ends_with(".h"); }

bool SourceFile::is_cpp() const { return is_header() || ends_with(".cpp") || ends_with(".c"); }

Include include_of(std::string_view line) {
  constexpr std::string_view kInclude = "#include ";
  if (!line.starts_with(kInclude) || line.size() < kInclude.size() + 2) return {};
  line.remove_prefix(kInclude.size());
  const bool quoted = line.front() == '"';
  const auto end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return {};
  return {std::string(line.substr(1, end - 1)), quoted};
}

const std::vector<SourceFile>& source_tree() {
  static const std::vector<SourceFile> files = read_tree();
  return files;
}

bool exists_in_tree(const fs::path& path_from_root) { return fs::exists(kRoot / path_from_root); }

std::string finding(const SourceFile& file, std::size_t line_index, std::string_view what) {
  return file.path + ":" + std::to_string(line_index + 1) + ": " + std::string(what);
}

std::string joined(const std::vector<std::string>& findings) {
  std::string text;
  for (const auto& f : findings) text += "\n  " + f;
  return text;
}

}  // namespace leeward::tidy
