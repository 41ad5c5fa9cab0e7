#include "host/app/run_request.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "core/base/json.hpp"
#include "core/base/suggestion.hpp"
#include "core/base/time_format.hpp"
#include "core/base/unique_id.hpp"
#include "host/app/text_file.hpp"

namespace leeward {
namespace {

/// Params by name, as JSON texts: the DAG's defaults, then what the run says.
class Params {
 public:
  explicit Params(const Dag::Header& header) : header_(header), defaults_(JsonDocument::of(header.params)) {
    for (const Json param : defaults_->root()) put(std::string{param.key()}, std::string{param.text()});
    for (const Dag::Param& param : header.declared_params) declared_.push_back(param.name);
  }

  [[nodiscard]] bool declares(const std::string& name) const {
    return std::find(declared_.begin(), declared_.end(), name) != declared_.end();
  }

  /// A name that is not declared is a slip, unless the DAG declares none at all.
  std::optional<Error> set(const std::string& name, std::string json) {
    if (!declared_.empty() && !declares(name)) {
      return Error{"run.param", "--param: the DAG has no param \"" + name + "\"" + did_you_mean(name, declared_)};
    }
    put(name, std::move(json));
    return std::nullopt;
  }

  /// What is missing, and what does not fit its schema.
  void check(Errors& errors) const {
    for (const Dag::Param& param : header_.declared_params) {
      const auto at = values_.find(param.name);
      if (at == values_.end()) {
        if (param.required) {
          errors.push_back(
              {"run.param", "the DAG needs param \"" + param.name + "\"; give it with --param " + param.name + "=..."});
        }
        continue;
      }
      auto document = JsonDocument::parse(at->second, "param " + param.name);
      if (!document) {
        errors.push_back(std::move(document).error());
      } else if (param.schema) {
        param.schema->validate((*document)->root(), errors);
      }
    }
  }

  [[nodiscard]] Value value() const {
    JsonWriter json;
    json.begin_object();
    for (const std::string& name : names_) json.key(name).raw(values_.at(name));
    json.end_object();
    return Value{json.take()};
  }

 private:
  void put(const std::string& name, std::string json) {
    if (values_.insert_or_assign(name, std::move(json)).second) names_.push_back(name);
  }

  const Dag::Header& header_;
  const std::shared_ptr<const JsonDocument> defaults_;
  std::vector<std::string> declared_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> values_;
};

void read_conf(const std::string& file, Params& params, RunInfo& info, Errors& errors) {
  Result<TextFile> text = read_text_file(file);
  if (!text) return errors.push_back(std::move(text).error());
  const auto document = JsonDocument::parse_all(std::move(text->text), file, {}, errors);
  if (!document) return;
  if (!document->root().is_object()) {
    return errors.push_back({"run.conf", "a run's conf is a JSON object", document->root().where()});
  }
  info.conf = document->root().value();
  for (const Json member : document->root()) {
    const std::string name{member.key()};
    if (params.declares(name)) static_cast<void>(params.set(name, std::string{member.text()}));
  }
}

std::optional<Error> set_param(const std::string& text, Params& params) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return Error{"run.param", "--param takes NAME=VALUE, but was given \"" + text + "\""};
  }
  const std::string value = text.substr(equals + 1);
  if (!is_utf8(text)) return Error{"run.param", "--param " + text.substr(0, equals) + ": the value is not UTF-8"};
  return params.set(text.substr(0, equals), is_json(value) ? value : json_quote(value));
}

}  // namespace

std::optional<RunInfo> RunRequest::info(const Dag& dag, const Clock& clock, Errors& errors) const {
  const std::size_t before = errors.size();
  RunInfo info;
  info.run_id = unique_id(clock.wall(), system_random());
  info.dag_id = dag.id();
  info.logical_date = clock.wall();
  Params values{dag.header()};
  if (logical_date) {
    const Result<Timestamp> at = parse_timestamp(*logical_date);
    if (at) {
      info.logical_date = *at;
    } else {
      errors.push_back({"run.logical_date", "--logical-date: " + at.error().message});
    }
  }
  if (conf_file) read_conf(*conf_file, values, info, errors);
  for (const std::string& text : params) {
    if (auto fault = set_param(text, values)) errors.push_back(*std::move(fault));
  }
  values.check(errors);
  if (errors.size() > before) return std::nullopt;
  info.params = values.value();
  return info;
}

}  // namespace leeward
