#include "host/app/run_params.hpp"

#include <algorithm>
#include <utility>

#include "core/base/suggestion.hpp"

namespace leeward {

RunParams::RunParams(const Dag::Header& header, const char* option)
    : header_(header), option_(option), defaults_(JsonDocument::of(header.params)) {
  for (const Json param : defaults_->root()) put(std::string{param.key()}, std::string{param.text()});
  for (const Dag::Param& param : header.declared_params) declared_.push_back(param.name);
}

Status RunParams::set(const std::string& name, std::string json) {
  if (!declared_.empty() && std::find(declared_.begin(), declared_.end(), name) == declared_.end()) {
    return Error{"run.param", "the DAG has no param \"" + name + "\"" + did_you_mean(name, declared_)};
  }
  put(name, std::move(json));
  return done();
}

void RunParams::take_conf(Json conf) {
  for (const Json member : conf) {
    const std::string name{member.key()};
    const bool declared = std::find(declared_.begin(), declared_.end(), name) != declared_.end();
    if (declared) put(name, std::string{member.text()});
  }
}

void RunParams::check(Errors& errors) const {
  for (const Dag::Param& param : header_.declared_params) {
    const auto at = values_.find(param.name);
    if (at == values_.end()) {
      if (!param.required) continue;
      std::string message = "the DAG needs param \"" + param.name + "\"";
      if (option_ != nullptr) message += "; give it with " + std::string{option_} + param.name + "=...";
      errors.push_back({"run.param", std::move(message)});
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

Value RunParams::value() const {
  JsonWriter json;
  json.begin_object();
  for (const std::string& name : names_) json.key(name).raw(values_.at(name));
  json.end_object();
  return Value{json.take()};
}

void RunParams::put(const std::string& name, std::string json) {
  if (values_.insert_or_assign(name, std::move(json)).second) names_.push_back(name);
}

}  // namespace leeward
