#include "host/observe/attempt_log_writer.hpp"

#include <algorithm>
#include <utility>

namespace leeward {
namespace {

/// What an item takes beside its texts.
constexpr std::size_t kItemBytes = 128;

}  // namespace
AttemptLogWriter::AttemptLogWriter(std::filesystem::path home, Limits limits, Trouble trouble)
    : home_(std::move(home)), limits_(limits), trouble_(std::move(trouble)), thread_([this] { run(); }) {}

AttemptLogWriter::~AttemptLogWriter() {
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

std::shared_ptr<AttemptLogWriter::File> AttemptLogWriter::file(AttemptLogName name, std::string first_line) const {
  return std::make_shared<File>(std::move(name), std::move(first_line), limits_.attempt_bytes);
}

void AttemptLogWriter::add(const std::shared_ptr<File>& file, Timestamp at, const char* level, std::string text) {
  push({file, at, level, {}, std::move(text)});
}

void AttemptLogWriter::add_output(const std::shared_ptr<File>& file, Timestamp at, std::string channel,
                                  std::string piece) {
  push({file, at, "", std::move(channel), std::move(piece)});
}

void AttemptLogWriter::add_work(std::function<void()> work) {
  Item item;
  item.work = std::move(work);
  push(std::move(item));
}

/// What it takes in the queue.
std::size_t AttemptLogWriter::bytes_of(const Item& item) noexcept {
  return kItemBytes + item.channel.size() + item.text.size();
}

void AttemptLogWriter::push(Item item) {
  const std::lock_guard lock{mutex_};
  const bool may_be_dropped = item.file && !item.last;
  if (may_be_dropped && queued_bytes_ + bytes_of(item) > limits_.queue_bytes) {
    const auto lines = static_cast<std::uint64_t>(std::count(item.text.begin(), item.text.end(), '\n'));
    item.file->dropped += std::max<std::uint64_t>(lines, 1);
    return;
  }
  if (item.file) item.dropped = std::exchange(item.file->dropped, 0);
  queued_bytes_ += bytes_of(item);
  queue_.push_back(std::move(item));
  ++added_;
  if (queue_.size() == 1) changed_.notify_all();
}

void AttemptLogWriter::end(const std::shared_ptr<File>& file, Timestamp at) {
  Item item;
  item.file = file;
  item.at = at;
  item.last = true;
  push(std::move(item));
}

void AttemptLogWriter::end_all(const std::vector<std::shared_ptr<File>>& files, Timestamp at, Duration patience) {
  for (const std::shared_ptr<File>& file : files) end(file, at);
  std::unique_lock lock{mutex_};
  const std::uint64_t mine = added_;
  changed_.wait_for(lock, patience, [&] { return written_ >= mine; });
}

void AttemptLogWriter::run() {
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::vector<Item> items = std::exchange(queue_, {});
    queued_bytes_ = 0;
    lock.unlock();
    for (Item& item : items) take(item);
    write_touched();
    const std::size_t count = items.size();
    items.clear();
    lock.lock();
    written_ += count;
    changed_.notify_all();
  }
}

void AttemptLogWriter::take(Item& item) {
  if (item.work) item.work();
  if (!item.file) return;
  AttemptLogFile& log = item.file->log;
  if (!std::exchange(item.file->touched, true)) touched_.push_back(item.file);
  log.add_dropped(item.at, item.dropped);
  if (item.last) {
    log.end_output();
    write_touched();
    close(item.file);
  } else if (*item.level == '\0') {
    log.add_output(item.at, item.channel, item.text);
  } else {
    log.add(item.at, item.level, item.text);
  }
  if (log.waiting() > kMostWaiting) write_touched();
}

void AttemptLogWriter::write_touched() {
  for (const std::shared_ptr<File>& file : std::exchange(touched_, {})) {
    file->touched = false;
    if (file->log.waiting() == 0) continue;
    const bool was_open = file->log.is_open();
    const std::string why = file->log.write(home_);
    if (!why.empty() && !std::exchange(told_, true)) trouble_(why);
    if (why.empty()) told_ = false;
    if (!was_open && file->log.is_open()) open_.push_back(file);
    if (open_.size() > kMostOpen) close(open_.front());
  }
}

void AttemptLogWriter::close(const std::shared_ptr<File>& file) {
  file->log.close();
  std::erase(open_, file);
}

}  // namespace leeward
