#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "host/process/sandbox.hpp"

namespace leeward {
namespace {

constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {{"", 1},
                                                                 {"B", 1},
                                                                 {"KiB", std::uint64_t{1} << 10},
                                                                 {"MiB", std::uint64_t{1} << 20},
                                                                 {"GiB", std::uint64_t{1} << 30},
                                                                 {"TiB", std::uint64_t{1} << 40}};

std::optional<std::uint64_t> size_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end == text.data()) return std::nullopt;
  std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  for (const auto& [name, factor] : kUnits) {
    if (unit != name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
    return number * factor;
  }
  return std::nullopt;
}

/// Takes the members of an object one by one; what is not there keeps its default.
class LimitReader {
 public:
  LimitReader(const Json& json, Errors& errors) : json_(json), errors_(errors) {}

  void count(const char* name, std::uint64_t& value) {
    const Json json = json_[name];
    if (!json) return;
    const auto number = json.is_number() ? json.integer() : std::nullopt;
    if (!number || *number < 0) return refuse(json, "a whole number was expected");
    value = static_cast<std::uint64_t>(*number);
  }
  void size(const char* name, std::uint64_t& value) {
    const Json json = json_[name];
    if (!json || !json.is_string()) return count(name, value);
    const auto bytes = size_of(json.string());
    if (!bytes) return refuse(json, "a size was expected, such as \"512MiB\" or \"2GiB\"");
    value = *bytes;
  }
  void truth(const char* name, bool& value) {
    const Json json = json_[name];
    if (!json) return;
    if (!json.is_boolean()) return refuse(json, "true or false was expected");
    value = json.boolean();
  }
  void paths(const char* name, std::vector<std::filesystem::path>& value) {
    const Json json = json_[name];
    if (!json) return;
    if (!json.is_array()) return refuse(json, "a list of paths was expected");
    for (const Json path : json) {
      if (!path.is_string() || !path.string().starts_with('/') || path.string().find('\0') != std::string_view::npos)
        return refuse(path, "a path that begins with \"/\" was expected");
      value.emplace_back(path.string());
    }
  }

 private:
  void refuse(const Json& json, const std::string& message) {
    errors_.push_back({"config.isolation", message, json.where()});
  }
  const Json& json_;
  Errors& errors_;
};

void write_paths(JsonWriter& json, const char* name, const std::vector<std::filesystem::path>& paths) {
  json.key(name).begin_array();
  for (const auto& path : paths) json.string(path.string());
  json.end_array();
}

}  // namespace

SandboxLimits SandboxLimits::of(const Json& json, Errors& errors) {
  SandboxLimits limits;
  LimitReader reader{json, errors};
  reader.size("memory", limits.memory_bytes);
  reader.size("file_size", limits.file_bytes);
  reader.count("files", limits.files);
  if (json["processes"]) reader.count("processes", limits.processes.emplace());
  reader.paths("read", limits.read);
  reader.paths("write", limits.write);
  reader.paths("hidden", limits.hidden);
  reader.truth("local_sockets", limits.local_sockets);
  return limits;
}

std::string SandboxLimits::json() const {
  JsonWriter json;
  json.begin_object();
  json.member("memory", static_cast<std::int64_t>(memory_bytes));
  json.member("file_size", static_cast<std::int64_t>(file_bytes));
  json.member("files", static_cast<std::int64_t>(files));
  if (processes) json.member("processes", static_cast<std::int64_t>(*processes));
  write_paths(json, "read", read);
  write_paths(json, "write", write);
  write_paths(json, "hidden", hidden);
  json.key("local_sockets").boolean(local_sockets).end_object();
  return json.take();
}

}  // namespace leeward
