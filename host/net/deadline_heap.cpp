#include "host/net/deadline_heap.hpp"

namespace leeward {

IoTime io_time_after(std::chrono::milliseconds delay) noexcept {
  constexpr std::chrono::hours kNever{24 * 365 * 10};
  return delay < kNever ? std::chrono::steady_clock::now() + delay : IoTime::max();
}

void DeadlineHeap::set(Deadline& entry, IoTime at) {
  const IoTime before = entry.at;
  entry.at = at;
  if (!entry.armed()) {
    entries_.push_back(&entry);
    entry.position = entries_.size() - 1;
    sift_up(entry.position);
  } else if (at < before) {
    sift_up(entry.position);
  } else {
    sift_down(entry.position);
  }
}

void DeadlineHeap::erase(Deadline& entry) noexcept {
  if (!entry.armed()) return;
  const std::size_t hole = entry.position;
  Deadline* last = entries_.back();
  entries_.pop_back();
  entry.position = Deadline::kNowhere;
  if (last == &entry) return;
  place(hole, last);
  sift_up(hole);
  sift_down(last->position);
}

void DeadlineHeap::place(std::size_t position, Deadline* entry) noexcept {
  entries_[position] = entry;
  entry->position = position;
}

void DeadlineHeap::sift_up(std::size_t position) noexcept {
  Deadline* entry = entries_[position];
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (entries_[parent]->at <= entry->at) break;
    place(position, entries_[parent]);
    position = parent;
  }
  place(position, entry);
}

void DeadlineHeap::sift_down(std::size_t position) noexcept {
  Deadline* entry = entries_[position];
  for (;;) {
    std::size_t child = 2 * position + 1;
    if (child >= entries_.size()) break;
    if (child + 1 < entries_.size() && entries_[child + 1]->at < entries_[child]->at) ++child;
    if (entry->at <= entries_[child]->at) break;
    place(position, entries_[child]);
    position = child;
  }
  place(position, entry);
}

}  // namespace leeward
