#include "host/app/run_request.hpp"

#include <utility>

#include "core/base/json.hpp"
#include "core/base/time_format.hpp"
#include "core/base/unique_id.hpp"
#include "host/app/run_params.hpp"
#include "host/app/text_file.hpp"

namespace leeward {
namespace {

void read_conf(const std::string& file, RunParams& params, RunInfo& info, Errors& errors) {
  Result<TextFile> text = read_text_file(file);
  if (!text) return errors.push_back(std::move(text).error());
  const auto document = JsonDocument::parse_all(std::move(text->text), file, {}, errors);
  if (!document) return;
  if (!document->root().is_object()) {
    return errors.push_back({"run.conf", "a run's conf is a JSON object", document->root().where()});
  }
  info.conf = document->root().value();
  params.take_conf(document->root());
}

Status set_param(const std::string& text, RunParams& params) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return Error{"run.param", "--param takes NAME=VALUE, but was given \"" + text + "\""};
  }
  const std::string value = text.substr(equals + 1);
  if (!is_utf8(text)) return Error{"run.param", "--param " + text.substr(0, equals) + ": the value is not UTF-8"};
  Status set = params.set(text.substr(0, equals), is_json(value) ? value : json_quote(value));
  if (!set) return Error{set.error().code, "--param: " + set.error().message};
  return set;
}

}  // namespace

std::optional<RunInfo> RunRequest::info(const Dag& dag, const Clock& clock, Errors& errors) const {
  const std::size_t before = errors.size();
  RunInfo info;
  info.run_id = unique_id(clock.wall(), system_random());
  info.dag_id = dag.id();
  info.logical_date = manual_logical_date(clock.wall());
  RunParams values{dag.header(), "--param "};
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
    if (Status set = set_param(text, values); !set) errors.push_back(std::move(set).error());
  }
  values.check(errors);
  if (errors.size() > before) return std::nullopt;
  info.params = values.value();
  return info;
}

}  // namespace leeward
