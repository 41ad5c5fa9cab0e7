#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/load/params_checker.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// Which task publishes which names: its `output_key`, and the members of its result that `multiple_outputs` lists.
/// Lives while one Dag is built; what it is given must outlive it.
class PublishedNames {
 public:
  /// A name, and what in the spec gives it: the output_key, the name in a list, or `true`.
  struct Member {
    std::string_view name;
    Json source;
  };

  /// `params` and `ops` stand at the tasks' places in the spec; an operator may be null. Tells of names that may not be
  /// published. Codes spec.reserved_name spec.value spec.limit spec.duplicate_output_key.
  PublishedNames(const DagSpec& spec, const std::vector<CheckedParams>& params,
                 const std::vector<const OperatorInfo*>& ops, Errors& errors);

  /// By name, in spec order; each task once, and more than kMaxPublishers only after a mistake was told.
  using Publishers = std::unordered_map<std::string_view, std::vector<std::uint32_t>>;
  [[nodiscard]] const Publishers& publishers() const noexcept { return publishers_; }
  /// The members that a task publishes under their own names.
  [[nodiscard]] const std::vector<Member>& members_of(std::uint32_t task) const;
  /// REQUIRES: `task` publishes `name`.
  [[nodiscard]] Json source_of(std::uint32_t task, std::string_view name) const;
  /// Without repeats, in no order.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  static std::vector<Member> listed(const TaskSpec& task, const CheckedParams& params, const OperatorInfo* op);
  void add(std::uint32_t task, const Member& member, Errors& errors);

  const DagSpec& spec_;
  Publishers publishers_;
  std::unordered_map<std::uint32_t, std::vector<Member>> members_;
};

}  // namespace leeward
