#include "host/app/dag_finder.hpp"

#include <algorithm>
#include <optional>
#include <system_error>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/suggestion.hpp"
#include "host/app/text_file.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

/// Nothing if the file cannot be read or says none: its mistakes are told when it is asked for by its name.
std::optional<std::string> dag_id_in(const fs::path& file) {
  Result<TextFile> text = read_text_file(file.string());
  if (!text) return std::nullopt;
  const auto document = JsonDocument::parse(std::move(text->text));
  if (!document) return std::nullopt;
  const Json id = (*document)->root()["dag_id"];
  return id.is_string() ? std::optional<std::string>(id.string()) : std::nullopt;
}

std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder, ignored}) {
    if (entry.path().extension() == ".json" && entry.is_regular_file(ignored)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Error unknown(const std::string& dag, const fs::path& folder, const std::vector<std::string>& known) {
  const std::string place = folder.empty() ? "this folder" : folder.string();
  return {"run.unknown_dag", "there is no DAG " + json_quote(dag) + " in " + place + did_you_mean(dag, known) +
                                 "; \"dag\" is a file (other.json, sub/other.json) or the dag_id of a file there"};
}

}  // namespace

Result<std::string> find_dag_file(const fs::path& folder, const std::string& dag) {
  std::error_code ignored;
  if (dag.find('/') != std::string::npos || dag.ends_with(".json")) {
    const fs::path file = folder / dag;
    if (fs::exists(file, ignored)) return file.string();
    return Error{"run.unknown_dag", "there is no DAG file " + json_quote(file.string())};
  }
  const fs::path here = folder.empty() ? fs::path{"."} : folder;
  const fs::path named = folder / (dag + ".json");
  if (fs::exists(named, ignored)) {
    const auto id = dag_id_in(named);
    if (!id || *id == dag) return named.string();
  }
  std::vector<std::string> known;
  for (const fs::path& file : json_files(here)) {
    const auto id = dag_id_in(file);
    if (id && *id == dag) return file.string();
    if (id) known.push_back(*id);
  }
  return unknown(dag, folder, known);
}

}  // namespace leeward
