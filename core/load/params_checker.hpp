#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/json.hpp"
#include "core/load/guesser.hpp"
#include "core/model/operator_info.hpp"
#include "core/model/template.hpp"

namespace leeward {

/// A name that a template of one task asks for.
struct NameUse {
  std::string name;
  std::string field;         ///< behind a built-in name: the first field asked for, if any
  bool has_default = false;  ///< a filter mends it if it is missing
  Json source;               ///< the string that the template stands in
  std::string placeholder;   ///< as written
};

/// What the parameters of one operator turned out to be, and what they ask of the rest of the DAG.
struct CheckedParams {
  ValueTemplate with;
  std::vector<NameUse> names;
  std::vector<Json> downstream;            ///< strings: ids of tasks directly downstream
  std::vector<Json> opened;                ///< strings: context keys the operator may ask for itself
  std::vector<std::string> connections;    ///< ids
  const OperatorInfo* callable = nullptr;  ///< the one that it names, if any
};

/// Checks what an author gave an operator against the operator's own schema and its annotations (sdk/include/leeward/
/// plugin.h lists them), and compiles the templates in it. Lives while one Dag is built.
///
/// Templates count as right wherever their final form matters: only a run knows it.
class ParamsChecker {
 public:
  /// Both must outlive the checker.
  ParamsChecker(const OperatorCatalog& catalog, Errors& errors);

  /// `with` may be absent: nothing was given. `task` is where mistakes about what is missing are told.
  [[nodiscard]] CheckedParams check(const Json& with, const Json& task, const OperatorInfo& op,
                                    const std::shared_ptr<const JsonDocument>& spec);
  /// The same for a `with` into which objects will be merged that may hold anything: what is missing is no mistake.
  [[nodiscard]] CheckedParams check_part(const Json& with, const OperatorInfo& op,
                                         const std::shared_ptr<const JsonDocument>& spec);
  /// Such an object, whose members win over those of `with` (which may be absent): whether both together will do.
  /// REQUIRES: `item` is an object.
  void check_merged(const Json& with, const Json& item, const OperatorInfo& op, CheckedParams& into);
  /// The templates in a list of such objects, as the operator's annotations have it. Adds to `into` but for `with`.
  [[nodiscard]] ValueTemplate compile_items(const Json& items, const Json& with, const OperatorInfo& op,
                                            const std::shared_ptr<const JsonDocument>& spec, CheckedParams& into);
  /// The templates in a value without a schema.
  [[nodiscard]] ValueTemplate compile(const Json& value, const std::shared_ptr<const JsonDocument>& spec,
                                      CheckedParams& into);

 private:
  class Walk;
  /// What is asked of every task of one operator alike, found out once.
  struct Notes {
    struct DefaultConnection {
      std::string member;
      std::string connection;  ///< used if the member is absent
    };
    struct Arguments {
      std::string member;
      std::string callable;  ///< the member that names whose arguments they are
    };
    Errors without_params;  ///< what validating {} says
    std::vector<DefaultConnection> connections;
    std::vector<Arguments> arguments;
  };
  const Notes& notes_of(const OperatorInfo& op);
  void check_members(const Json& object, const OperatorInfo& op);
  void check_arguments(const Json& with, const Notes& notes, const Json& place);
  void compile_with(const Json& with, const OperatorInfo& op, const std::shared_ptr<const JsonDocument>& spec,
                    CheckedParams& into);

  const OperatorCatalog& catalog_;
  Errors& errors_;
  Guesser callables_;
  std::unordered_map<const OperatorInfo*, Notes> notes_;
};

}  // namespace leeward
