#include "host/runner/remote_attempts.hpp"

#include <algorithm>
#include <utility>

#include "core/base/json.hpp"
#include "host/plugin/nested_attempt.hpp"
#include "host/plugin/outcome_check.hpp"
#include "host/runner/messages.hpp"

namespace leeward {
namespace {

constexpr std::size_t kMaxOutputBytes = std::size_t{64} << 20;  ///< of one attempt, as in the host itself

int depth_of(const Attempt& attempt) {
  const auto* nested = dynamic_cast<const NestedAttempt*>(&attempt);
  return nested != nullptr ? nested->depth() : 0;
}

TaskOutcome stopped_early() {
  TaskOutcome outcome;
  outcome.kind = OutcomeKind::canceled;
  outcome.error = TaskError{"task.canceled", "stopped before it began", false, 0, {}};
  return outcome;
}

}  // namespace

void RemoteAttempts::start(std::uint32_t op, const OperatorInfo& info, std::shared_ptr<Attempt> attempt) {
  if (attempt->cancel_token().cancelled()) return attempt->complete(stopped_early());
  const int depth = depth_of(*attempt);
  WireWriter out;
  write_start(out, op, depth, attempt->call());
  if (out.size() > kMaxFrameBytes) {
    return attempt->complete(TaskOutcome::failed(
        "plugin.too_large", "what operator \"" + info.name + "\" is given has " + std::to_string(out.size()) +
                                " bytes, at most " + std::to_string(kMaxFrameBytes) +
                                " go to a plugin in a process of its own"));
  }
  std::uint64_t id = 0;
  std::optional<TaskOutcome> refusal;
  bool waits = false;
  {
    const std::lock_guard lock{mutex_};
    refusal = refusal_;
    if (!refusal) {
      id = ++last_;
      attempts_.emplace(id, RemoteAttempt{attempt, &info, op, depth, 0});
      waits = !channel_;
      // Under the lock: what goes to a runner that ends right now must be among what it had.
      if (channel_ && !channel_->send(FrameType::start, id, out.take())) {
        waits = true;  // for the next one
        write_start(out, op, depth, attempt->call());
      }
      if (waits) waiting_.emplace_back(id, out.take());
    }
  }
  if (refusal) return attempt->complete(*std::move(refusal));
  attempt->cancel_token().on_cancel([this, id] { cancel(id); });
  if (waits) wanted_();
}

void RemoteAttempts::cancel(std::uint64_t id) {
  std::optional<RemoteAttempt> not_sent;
  {
    const std::lock_guard lock{mutex_};
    if (!attempts_.contains(id)) return;
    const auto at = std::find_if(waiting_.begin(), waiting_.end(), [id](const auto& one) { return one.first == id; });
    if (at == waiting_.end()) {
      channel_->send(FrameType::cancel, id);
      const auto stop_by = std::chrono::steady_clock::now() + stop_grace_;
      attempts_.at(id).stop_by = stop_by;
      stopping_.push_back({stop_by, id});
      asked_to_stop_.push_back(id);
    } else {
      waiting_.erase(at);
      not_sent = std::move(attempts_.extract(id).mapped());
    }
  }
  not_sent ? not_sent->attempt->complete(stopped_early()) : wanted_();
}

bool RemoteAttempts::waiting() const {
  const std::lock_guard lock{mutex_};
  return !waiting_.empty();
}

bool RemoteAttempts::empty() const {
  const std::lock_guard lock{mutex_};
  return attempts_.empty();
}

void RemoteAttempts::refuse_all(TaskOutcome outcome) {
  const std::lock_guard lock{mutex_};
  refusal_ = std::move(outcome);
}

void RemoteAttempts::open(std::shared_ptr<FrameChannel> channel) {
  const std::lock_guard lock{mutex_};
  channel_ = std::move(channel);
  for (auto& [id, body] : waiting_) channel_->send(FrameType::start, id, std::move(body));
  waiting_.clear();
}

RemoteAttempts::Taken RemoteAttempts::close() {
  held_.clear();
  held_bytes_ = 0;
  const std::lock_guard lock{mutex_};
  channel_.reset();
  stopping_.clear();
  asked_to_stop_.clear();
  std::map<std::uint64_t, RemoteAttempt> waiting;
  for (const auto& [id, body] : waiting_) waiting.insert(attempts_.extract(id));
  Taken had{attempts_.begin(), attempts_.end()};
  attempts_ = std::move(waiting);
  return had;
}

RemoteAttempts::Taken RemoteAttempts::take_waiting() {
  const std::lock_guard lock{mutex_};
  Taken waited;
  for (const auto& [id, body] : waiting_) waited.emplace_back(id, std::move(attempts_.extract(id).mapped()));
  waiting_.clear();
  return waited;
}

void RemoteAttempts::end(const Taken& attempts, const Verdict& verdict) {
  for (const auto& [id, one] : attempts) {
    one.attempt->cancel_token().on_cancel(nullptr);
    one.attempt->complete(verdict(id, one));
  }
}

std::optional<RemoteAttempt> RemoteAttempts::find(std::uint64_t id) const {
  const std::lock_guard lock{mutex_};
  const auto at = attempts_.find(id);
  return at == attempts_.end() ? std::nullopt : std::optional(at->second);
}

bool RemoteAttempts::known(std::uint64_t id) const {
  const std::lock_guard lock{mutex_};
  return id > 0 && id <= last_;
}

std::optional<RemoteAttempt> RemoteAttempts::take(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  auto node = attempts_.extract(id);
  return node.empty() ? std::nullopt : std::optional(std::move(node.mapped()));
}

std::optional<RemoteAttempts::Overdue> RemoteAttempts::next_overdue() {
  const std::lock_guard lock{mutex_};
  while (!stopping_.empty() && !attempts_.contains(stopping_.front().id)) stopping_.pop_front();
  return stopping_.empty() ? std::nullopt : std::optional(stopping_.front());
}

std::vector<std::uint64_t> RemoteAttempts::take_asked_to_stop() {
  const std::lock_guard lock{mutex_};
  return std::exchange(asked_to_stop_, {});
}

// ---- what a runner says ----

bool RemoteAttempts::on_completed(std::uint64_t id, WireReader in) {
  TaskOutcome said = read_outcome(in);
  if (!in.done()) return false;
  std::optional<RemoteAttempt> ended = take(id);
  if (!ended) return false;
  offer_last(id, *ended);
  ended->attempt->cancel_token().on_cancel(nullptr);
  ended->attempt->complete(checked_outcome(*ended->info, std::move(said), ended->depth));
  return true;
}

bool RemoteAttempts::on_deferred(std::uint64_t id, WireReader in) {
  const bool idle = in.truth();
  const auto at = find(id);
  if (!in.done() || !at) return false;
  at->attempt->defer(idle);
  return true;
}

bool RemoteAttempts::on_log(std::uint64_t id, WireReader in) {
  const auto level = in.one_of(LogLevel::error);
  static_cast<void>(in.text());
  const std::string message = clean_text(in.text());
  std::string_view fields = in.text();
  if (!in.done() || !known(id)) return false;
  if (fields.size() > kMaxTextBytes || (!fields.empty() && !is_json(fields))) fields = {};
  if (const auto at = find(id)) at->attempt->listener().on_log(at->attempt->call(), level, message, fields);
  return true;
}

bool RemoteAttempts::on_progress(std::uint64_t id, WireReader in) {
  const auto fraction = in.number<double>();
  const std::string note = clean_text(in.text());
  if (!in.done() || !known(id)) return false;
  if (const auto at = find(id)) at->attempt->listener().on_progress(at->attempt->call(), fraction, note);
  return true;
}

bool RemoteAttempts::on_output(std::uint64_t id, WireReader in) {
  const std::string_view channel = in.text();
  const std::string_view chunk = in.text();
  const bool fits = chunk.size() <= kMaxTextBytes && channel.size() <= kMaxChannelBytes && is_utf8(chunk);
  if (!in.done() || !fits || !is_utf8(channel) || !known(id)) return false;
  std::optional<RemoteAttempt> to;
  {
    const std::lock_guard lock{mutex_};
    const auto at = attempts_.find(id);
    if (at != attempts_.end() && at->second.output_bytes + chunk.size() <= kMaxOutputBytes) {
      at->second.output_bytes += chunk.size();
      to = at->second;
    }
  }
  const std::size_t cost = output_cost(channel.size(), chunk.size());
  if (!to || (held_.empty() && offer(*to, channel, chunk))) return taken(cost), true;
  held_bytes_ += cost;
  held_.push_back({id, std::string{channel}, std::string{chunk}});
  return held_bytes_ <= kOutputWindowBytes;  // more it may not send before some was taken
}

bool RemoteAttempts::offer(const RemoteAttempt& to, std::string_view channel, std::string_view chunk) {
  return to.attempt->listener().on_output(to.attempt->call(), channel, chunk);
}

bool RemoteAttempts::offer_held() {
  while (!held_.empty()) {
    const Held& next = held_.front();
    const auto to = find(next.id);
    if (to && !offer(*to, next.channel, next.chunk)) return true;
    forget(next);
    held_.pop_front();
  }
  return false;
}

/// What of its output still waits is offered once more, and then gone: nobody's end waits for a slow reader.
void RemoteAttempts::offer_last(std::uint64_t id, const RemoteAttempt& to) {
  std::erase_if(held_, [&](const Held& held) {
    if (held.id != id) return false;
    static_cast<void>(offer(to, held.channel, held.chunk));
    forget(held);
    return true;
  });
}

void RemoteAttempts::forget(const Held& held) {
  const std::size_t cost = output_cost(held.channel.size(), held.chunk.size());
  held_bytes_ -= cost;
  taken(cost);
}

void RemoteAttempts::taken(std::size_t bytes) {
  WireWriter out;
  out.number(static_cast<std::uint64_t>(bytes));
  const std::lock_guard lock{mutex_};
  if (channel_) channel_->send(FrameType::taken, 0, out.take());
}

}  // namespace leeward
