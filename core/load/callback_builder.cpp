#include "core/load/callback_builder.hpp"

#include <string>
#include <utility>

#include "core/load/spec_values.hpp"

namespace leeward {

void CallbackBuilder::check() {
  for (std::uint32_t t = 0; t < spec_.tasks.size(); ++t) note(t, spec_.tasks[t].settings.callbacks);
  note(ReadingPlace::kEnd, spec_.callbacks);
}

void CallbackBuilder::note(std::uint32_t task, const CallbackPlaces& places) {
  if (!places) return;
  for (std::size_t m = 0; m < places->size(); ++m) {
    const Json& written = (*places)[m];
    const auto moment = static_cast<CallbackMoment>(m);
    if (written.is_object()) uses_.push_back({task, moment, &notifier_of(written)});
    if (!written.is_array()) continue;
    for (const Json& one : written) uses_.push_back({task, moment, &notifier_of(one)});
  }
}

const CallbackBuilder::Notifier& CallbackBuilder::notifier_of(const Json& source) {
  // A node of the map stays where it is when another is added.
  const auto [entry, fresh] = notifiers_.try_emplace(source.text().data());
  Notifier& notifier = entry->second;
  if (!fresh) return notifier;
  notifier.op = operators_.find(source["operator"], errors_);
  if (notifier.op == nullptr) return notifier;
  if (notifier.op->traits.branches) {
    add_error(errors_, "spec.value", "this operator chooses what runs next, and after a callback nothing does",
              source["operator"]);
  }
  notifier.params = checker_.check(source["with"], source, *notifier.op, spec_.document);
  notifier.with = std::make_shared<const ValueTemplate>(std::move(notifier.params.with));
  return notifier;
}

void CallbackBuilder::add_places(NameResolver& names) {
  for (Use& use : uses_) {
    use.place = names.add_place({use.task, &use.notifier->params, use.task != ReadingPlace::kEnd, true});
  }
}

Callback CallbackBuilder::callback_of(const Use& use, const NameResolver& names, const std::string& id) {
  Callback callback;
  callback.moment = use.moment;
  callback.with = use.notifier->with;
  callback.call.id = id;
  callback.call.op = use.notifier->op;
  callback.call.reads = names.reads_of(use.place);
  callback.call.opened = names.opened_of(use.place);
  callback.call.connections = use.notifier->params.connections;
  return callback;
}

void CallbackBuilder::finish(const NameResolver& names, Dag::Header& header, std::vector<Task>& tasks) const {
  for (std::size_t first = 0, last = 0; first < uses_.size(); first = last) {
    const std::uint32_t task = uses_[first].task;
    const std::string& id = task == ReadingPlace::kEnd ? header.id : tasks[task].id;
    std::vector<Callback> callbacks;
    for (; last < uses_.size() && uses_[last].task == task; ++last) {
      callbacks.push_back(callback_of(uses_[last], names, id));
      if (task == ReadingPlace::kEnd) continue;
      callbacks.back().call.group = tasks[task].group;  // an instance reads what its group's instances publish
      callbacks.back().call.mapped_group = tasks[task].mapped_group;
    }
    if (task == ReadingPlace::kEnd) {
      header.callbacks = std::move(callbacks);
    } else {
      tasks[task].callbacks = std::make_shared<const std::vector<Callback>>(std::move(callbacks));
    }
  }
}

}  // namespace leeward
