#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/dag.hpp"

namespace leeward::test {

/// What every task of dag_of() names as its operator, unless the test says otherwise.
[[nodiscard]] const OperatorInfo& scripted_info();

/// A Dag from one line: tasks apart by ';', upstreams after '<-', a trigger rule in brackets.
///   dag_of("a; b; c <- a b; d <- c [all_done]")
/// [setup], [teardown] and [teardown!] (whose failure fails the run) say what kind of task it is.
/// `adjust` is called with each task before the Dag is built; `header` is the Dag's, but for its id. A mistake in the
/// text is a broken assertion.
[[nodiscard]] std::shared_ptr<const Dag> dag_of(std::string_view text, const std::function<void(Task&)>& adjust = {},
                                                Dag::Header header = {});

using Names = std::vector<std::string>;
[[nodiscard]] Names names(const Dag& dag, std::span<const TaskIndex> tasks);

}  // namespace leeward::test
