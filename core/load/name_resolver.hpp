#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/load/guesser.hpp"
#include "core/load/item_names.hpp"
#include "core/load/params_checker.hpp"
#include "core/load/published_names.hpp"
#include "core/load/task_graph.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// Where in a spec names are read, beside the `with` of a task.
struct ReadingPlace {
  static constexpr std::uint32_t kEnd = UINT32_MAX;
  std::uint32_t task;  ///< that it belongs to: only what is upstream of it is there; kEnd: all that is published
  const CheckedParams* asks;
  bool knows_items = false;  ///< of the mapping that the task stands in; a mapping's own sources do not
  bool is_callback = false;  ///< knows the names of callbacks
  GroupIndex group{};        ///< valid: the place belongs to a group, and instead of `task` these count, all of them:
  std::vector<std::uint32_t> roots{};
};

/// Finds out who publishes the names that templates ask for, and tells of names that nobody upstream publishes. Lives
/// while one Dag is built; what it is given must outlive it.
class NameResolver {
 public:
  /// `params`, `tasks` and `ops` stand at the tasks' places in the spec; an operator may be null.
  NameResolver(const DagSpec& spec, const std::vector<CheckedParams>& params,
               const std::vector<const OperatorInfo*>& ops, const PublishedNames& published, Errors& errors);

  /// A place of its own; the tasks' `with` are 0, 1, ... in the order of the spec. REQUIRES: before check_names(); what
  /// `place` points to outlives the resolver.
  std::uint32_t add_place(const ReadingPlace& place);

  /// Names that nobody publishes, keys that may not be published, parameters that are not declared.
  void check_names();

  /// REQUIRES: the graph has no cycle. Names whose publisher is not upstream, and one key published by two tasks of
  /// which neither comes first, unless a branch lets only one of them run.
  void check_order(const TaskGraph& graph);

  /// After the above: where a place's names come from.
  [[nodiscard]] std::vector<ContextRead> reads_of(std::uint32_t place) const;
  [[nodiscard]] std::vector<ContextRead> opened_of(std::uint32_t place) const;
  /// Those of its names that tasks publish, rather than the engine.
  [[nodiscard]] std::vector<ContextRead> needs_of(std::uint32_t place) const;

 private:
  /// One name of one task. `producers` are ancestors once check_order() is done, the latest first.
  struct Read {
    std::uint32_t task;
    bool opened;  ///< asked for by the operator itself
    std::string_view name;
    Json source;
    std::string_view placeholder;  ///< as written; empty if it is opened
    std::vector<std::uint32_t> producers;
    const ReadingPlace* of_group = nullptr;  ///< in places_
  };
  void collect_reads(const ReadingPlace& place);
  void add_read(const ReadingPlace& place, bool opened, std::string_view name, const Json& source,
                std::string_view placeholder);
  void check_field(const NameUse& use);
  void check_fields_of(const NameUse& use, std::span<const std::string_view> fields);
  [[nodiscard]] ItemName item_name_of(std::uint32_t task, std::string_view name) const;
  /// The tasks upstream of which a name must be published.
  static std::span<const std::uint32_t> readers_of(const Read& read);
  static std::string prefix_of(const Read& read);
  void tell_unknown(const Read& read);
  void tell_not_upstream(const Read& read, std::uint32_t publisher);
  void check_publishers(const TaskGraph& graph);
  void tell_duplicate(const TaskGraph::Pair& pair, std::string_view key);
  [[nodiscard]] std::string id_of(std::uint32_t task) const;
  [[nodiscard]] std::vector<ContextRead> context_reads(std::uint32_t place, bool opened) const;

  const DagSpec& spec_;
  const std::vector<CheckedParams>& params_;
  const std::vector<const OperatorInfo*>& ops_;
  Errors& errors_;
  std::optional<Guesser> names_;  ///< made when the first guess is asked for
  Guesser declared_;
  const PublishedNames& published_;
  std::vector<ReadingPlace> places_;                              ///< beside the tasks' own
  std::vector<Read> reads_;                                       ///< by place
  std::vector<std::uint32_t> first_read_;                         ///< of each place, and one past the last
  std::set<std::pair<const char*, std::string_view>> told_;       ///< a text may be that of many tasks
  std::unordered_set<std::string_view> read_once_, opened_once_;  ///< of the place whose reads are collected
};

}  // namespace leeward
