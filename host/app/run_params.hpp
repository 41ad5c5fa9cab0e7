#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/model/dag.hpp"

namespace leeward {

/// The logical date of a run that is started by hand, at this time: whole milliseconds, so that its text, which has no
/// more, names it exactly.
[[nodiscard]] constexpr Timestamp manual_logical_date(Timestamp now) noexcept {
  return {now.unix_ns - now.unix_ns % 1'000'000};
}

/// A run's params by name, as JSON texts: the DAG's defaults, then what the run says. `header` must outlive it.
class RunParams {
 public:
  /// `option`: how messages say that a param is given, such as "--param "; null: they do not say.
  explicit RunParams(const Dag::Header& header, const char* option = nullptr);

  /// A name that is not declared is a slip, unless the DAG declares none at all. Code run.param.
  [[nodiscard]] Status set(const std::string& name, std::string json);
  /// Members of a run's conf that are named like a declared param set it; others are only the conf's.
  void take_conf(Json conf);
  /// What is missing, and what does not fit its schema. Codes run.param and those of the schema.
  void check(Errors& errors) const;
  /// All of them, as an object.
  [[nodiscard]] Value value() const;

 private:
  void put(const std::string& name, std::string json);

  const Dag::Header& header_;
  const char* const option_;
  const std::shared_ptr<const JsonDocument> defaults_;
  std::vector<std::string> declared_;
  std::vector<std::string> names_;  ///< of values_, in the order in which they came
  std::map<std::string, std::string> values_;
};

}  // namespace leeward
