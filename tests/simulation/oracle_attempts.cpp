#include <algorithm>

#include "core/base/assert.hpp"
#include "tests/simulation/oracle.hpp"

// What an instance does once its turn has come: the oracle's half that knows attempts, values and lists.

namespace leeward::test {
namespace {

bool publishes_anything(const Task& task) { return !task.output_key.empty() && task.do_xcom_push; }

}  // namespace

Oracle::Expansion Oracle::expansion_of(const Mapping& mapping, bool of_group) const {
  Expansion expansion;
  expansion.of_literals = mapping.reads.empty();
  for (const ContextRead& read : mapping.reads) {
    const TaskIndex producer = read.producers.front();
    if (published(producer)) continue;
    // A failed list fails who is mapped over it, and a skipped one skips it, whatever its rule.
    const TaskState state = ends_[producer.value].instances.front().state;
    expansion.instead = state == TaskState::skipped ? TaskState::skipped : TaskState::upstream_failed;
    return expansion;
  }
  const auto items = items_of(mapping, of_group, [&](const std::string& name) -> std::optional<std::string> {
    for (const ContextRead& read : mapping.reads) {
      if (read.name == name) return published(read.producers.front());
    }
    return std::nullopt;
  });
  if (items) {
    expansion.items = *items;
  } else {
    expansion.instead = TaskState::failed;  // no list, or too long a one
  }
  return expansion;
}

Oracle::End Oracle::end_of(TaskIndex task, int map_index, Fate fate, const Item& item) const {
  if (fate == Fate::runs) return run(task, map_index, item);
  return ended(task, map_index, fate == Fate::is_skipped ? TaskState::skipped : TaskState::upstream_failed);
}

Oracle::End Oracle::ended(TaskIndex task, int map_index, TaskState state) const {
  End end;
  end.state = state;
  end.tries = tries_before(task, map_index);
  return end;
}

Oracle::End Oracle::run(TaskIndex index, int map_index, const Item& item) const {
  const Task& task = dag_.task(index);
  const auto with = filled_in(task.with, [&](const std::string& name) -> std::optional<std::string> {
    if (const auto found = item.named.find(name); found != item.named.end()) return found->second;
    for (const ContextRead& r : task.reads) {
      if (r.name == name && !r.producers.empty()) return read(r.producers.front(), index, map_index);
    }
    return std::nullopt;
  });
  End end = ended(index, map_index, TaskState::failed);
  const int last = end.tries + task.retry.retries + 1;
  for (++end.tries;; ++end.tries) {
    if (!with) return end;  // its input cannot be made: another try would get the same
    const Act act = outcomes_.acts(index, map_index, end.tries).back();
    const OutcomeKind kind = kind_of(index, act);
    if (kind == OutcomeKind::success) {
      succeed(index, act.step.outcome, *member_of(*with, item.kwargs, "give"), end);
      return end;
    }
    if (kind == OutcomeKind::skipped) end.state = TaskState::skipped;
    const bool again = kind == OutcomeKind::retry || kind == OutcomeKind::timed_out;
    if (!again || end.tries == last) return end;
  }
}

/// What the last call of a try comes to: past its execution_timeout it counts as timed out, whatever it says.
OutcomeKind Oracle::kind_of(TaskIndex task, const Act& act) const {
  const auto timeout = dag_.task(task).execution_timeout;
  const bool in_time = !timeout || (!act.step.never_ends && act.step.takes < *timeout);
  return in_time ? act.step.outcome.kind : OutcomeKind::timed_out;
}

void Oracle::succeed(TaskIndex task, const TaskOutcome& outcome, const std::string& value, End& end) const {
  const auto downstream = dag_.downstream(task);
  const auto is_direct = [&](TaskIndex t) {
    return std::find(downstream.begin(), downstream.end(), t) != downstream.end();
  };
  if (outcome.branch) {
    end.followed.emplace();
    for (const std::string& id : *outcome.branch) {
      if (const GroupIndex group = dag_.find_group(id); group.valid()) {
        const auto roots = dag_.roots_of(group);
        std::copy_if(roots.begin(), roots.end(), std::inserter(*end.followed, end.followed->end()), is_direct);
      } else if (const TaskIndex way = dag_.find(id); way.valid()) {
        end.followed->insert(way);
      } else {
        end.followed.reset();
        return;  // failed: there is no such way
      }
    }
  }
  end.state = TaskState::success;
  end.skips = outcome.skip_downstream;
  if (publishes_anything(dag_.task(task))) end.value = value;
}

/// What one instance of the reader sees of the producer: within a mapped group its own index, else the whole.
std::optional<std::string> Oracle::read(TaskIndex producer, TaskIndex reader, int map_index) const {
  const TaskEnd& end = ends_[producer.value];
  if (!share_index(producer, reader)) return published(producer);
  const auto k = static_cast<std::size_t>(map_index);
  return end.is_expanded && k < end.instances.size() ? end.instances[k].value : std::nullopt;
}

/// What the run's record shows of it: the value, or the list of what the instances gave; null is nothing in a list.
std::optional<std::string> Oracle::published(TaskIndex task) const {
  const TaskEnd& end = ends_[task.value];
  if (!publishes_anything(dag_.task(task))) return std::nullopt;
  if (!end.is_expanded && !end.over_nothing) return end.instances.front().value;
  std::string list;
  for (const End& instance : end.instances) {
    if (instance.value && *instance.value != "null") list += (list.empty() ? "" : ",") + *instance.value;
  }
  return "[" + list + "]";
}

}  // namespace leeward::test
