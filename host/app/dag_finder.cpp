#include "host/app/dag_finder.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/suggestion.hpp"
#include "host/app/text_file.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

/// Nothing if the file cannot be read or says none: its mistakes are told when it is asked for by its name. Nor is
/// there anything if `wanted` cannot be in it, which is cheaper to see than what is.
std::optional<std::string> dag_id_in(const fs::path& file, const std::string* wanted = nullptr) {
  Result<TextFile> text = read_text_file(file.string());
  if (!text) return std::nullopt;
  const auto lacks = [&](std::string_view part) { return text->text.find(part) == std::string::npos; };
  if (wanted != nullptr && lacks(json_quote(*wanted)) && lacks("\\")) return std::nullopt;
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

/// What a template or a model's answer has put in must not choose any file of the machine.
Result<std::string> file_in(const fs::path& folder, const std::string& dag) {
  const fs::path inside = fs::path{dag}.lexically_normal();
  if (inside.is_absolute() || *inside.begin() == "..") {
    return Error{"run.outside", "\"dag\" names a file outside the folder of the DAG that asks: " + json_quote(dag) +
                                    "; only files in it, or below it, can be run"};
  }
  std::error_code ignored;
  const fs::path file = folder / inside;
  if (fs::exists(file, ignored)) return file.string();
  return Error{"run.unknown_dag", "there is no DAG file " + json_quote(file.string())};
}

Error ambiguous(const std::string& dag, const fs::path& one, const fs::path& other) {
  return {"run.ambiguous_dag", "both " + json_quote(one.string()) + " and " + json_quote(other.string()) +
                                   " have the dag_id " + json_quote(dag) + "; rename one, or name the file"};
}

}  // namespace

Result<std::string> find_dag_file(const fs::path& folder, const std::string& dag) {
  if (dag.find('/') != std::string::npos || dag.ends_with(".json")) return file_in(folder, dag);
  const std::vector<fs::path> files = json_files(folder.empty() ? fs::path{"."} : folder);
  std::optional<fs::path> found;
  for (const fs::path& file : files) {
    if (dag_id_in(file, &dag) != dag) continue;
    if (found) return ambiguous(dag, *found, file);
    found = file;
  }
  if (found) return (folder / found->filename()).string();
  std::error_code ignored;
  const fs::path named = folder / (dag + ".json");
  if (fs::exists(named, ignored) && !dag_id_in(named)) return named.string();  // so that its mistakes are told
  std::vector<std::string> known;
  for (const fs::path& file : files) {
    if (auto id = dag_id_in(file)) known.push_back(*std::move(id));
  }
  return unknown(dag, folder, known);
}

}  // namespace leeward
