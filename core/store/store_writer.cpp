#include "core/store/store_writer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/seeded_bug.hpp"

namespace leeward {
namespace {

/// A commit that makes the log grow writes the file's size as well, which takes about as long again. So the log is made
/// longer ahead of time, a step at a time, and never shorter; once all of it has been moved it is filled anew.
constexpr std::int64_t kLogStep = 1 << 20;
constexpr std::int64_t kLogMargin = 64 << 10;
constexpr std::int64_t kCheckpointAfter = 4 << 20;

}  // namespace

StoreWriter::StoreWriter(SqliteDb db, int beginnings)
    : beginnings_(beginnings), db_(std::move(db)), worker_([this] { work(); }) {}

StoreWriter::~StoreWriter() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_worker_.notify_one();
  worker_.join();
}

Status StoreWriter::commit(Transition transition) {
  const std::array job{std::make_shared<Job>(Job{std::move(transition)})};
  std::unique_lock lock(mutex_);
  if (at_work_ || !waiting_.empty()) {
    waiting_.push_back(job[0]);
    wake_worker_.notify_one();
    settled_.wait(lock, [&] { return job[0]->settled; });
    return job[0]->outcome;
  }
  at_work_ = true;
  lock.unlock();
  settle(job);
  lock.lock();
  at_work_ = false;
  if (!waiting_.empty() || log_is_long() || closing_) wake_worker_.notify_one();
  return job[0]->outcome;
}

void StoreWriter::submit(Transition transition, Then then) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::make_shared<Job>(Job{std::move(transition), std::move(then)}));
  }
  wake_worker_.notify_one();
}

void StoreWriter::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_worker_.wait(lock, [&] { return !at_work_ && (!waiting_.empty() || log_is_long() || closing_); });
    if (waiting_.empty() && closing_) return;
    at_work_ = true;
    const auto jobs = std::exchange(waiting_, {});
    lock.unlock();
    settle(jobs);
    tell(jobs);
    if (log_is_long()) shorten_log();
    lock.lock();
    at_work_ = false;
  }
}

void StoreWriter::settle(Jobs jobs) {
  if (jobs.empty()) return;
  Status outcome = broken_ ? Status{*broken_} : commit_together(jobs);
  if (!broken_ && db_.failure() && !seeded_bug(SeededBug::commit_tried_again)) broken_ = db_.failure();
  const bool spares_others = !seeded_bug(SeededBug::refusal_takes_others);
  const bool refused = !outcome && !broken_ && outcome.error().code != "store.locked";
  if (refused && jobs.size() > 1 && spares_others) {  // one of them was, and the others are not to suffer
    for (std::size_t i = 0; i < jobs.size(); ++i) settle(jobs.subspan(i, 1));
    return;
  }
  for (const auto& job : jobs) job->outcome = outcome;
}

Status StoreWriter::commit_together(Jobs jobs) {
  auto transaction = begin();
  if (!transaction) return transaction.error();
  if (Status roomy = make_room(); !roomy) return roomy;
  for (const auto& job : jobs) {
    if (Status made = job->transition(db_); !made) return made;
  }
  if (seeded_bug(SeededBug::group_told_early) && jobs.size() > 1) tell(jobs);
  return transaction->commit();
}

Result<SqliteTransaction> StoreWriter::begin() {
  for (int left = beginnings_;; --left) {
    auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::write);
    if (transaction || transaction.error().code != "store.locked" || left <= 1) return transaction;
  }
}

/// REQUIRES: within a write transaction.
Status StoreWriter::make_room() {
  const std::int64_t needed = db_.log_bytes() + kLogMargin;
  if (needed <= log_room_ || log_room_ > kCheckpointAfter) return done();
  log_room_ = std::max(log_room_, needed) + kLogStep;
  return db_.grow_log(log_room_);
}

void StoreWriter::tell(Jobs jobs) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& job : jobs) job->settled = true;
  }
  settled_.notify_all();
  for (const auto& job : jobs) {
    if (const Then then = std::exchange(job->then, {})) then(job->outcome);
  }
}

bool StoreWriter::log_is_long() const {
  const std::int64_t bytes = db_.log_bytes();
  return !broken_ && bytes > kCheckpointAfter && (bytes < moved_up_to_ || bytes - moved_up_to_ > kCheckpointAfter);
}

void StoreWriter::shorten_log() {
  moved_up_to_ = db_.log_bytes();
  db_.checkpoint();
  if (db_.failure()) broken_ = db_.failure();
}

}  // namespace leeward
