/// BufferLedger: the buffers of the harness's host, each with its references counted and its death noted.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <leeward/cpp/json_text.hpp>
#include <leeward/host.h>

namespace leeward::testing {

/// Thread-safe. One for the process, because the interface's buffer functions know no host. A released buffer is kept
/// until the next run begins, so that using it again is seen and not undefined.
class BufferLedger {
 public:
  static BufferLedger& instance() {
    static auto* ledger = new BufferLedger;  // outlives every static of a plugin
    return *ledger;
  }

  const lw_buf* make(std::string_view bytes) { return add({{}, std::string(bytes), nullptr, nullptr}); }
  const lw_buf* adopt(const char* data, std::size_t size, void (*free_fn)(void*), void* arg) {
    return add({{data, size}, {}, free_fn, arg});
  }
  void retain(const lw_buf* buffer) {
    const std::lock_guard lock(mutex_);
    Entry* entry = find(buffer);
    if (!entry || entry->references == 0) return note("buf_retain() of a buffer that was released");
    ++entry->references;
  }
  void release(const lw_buf* buffer) {
    if (!buffer) return;
    void (*free_fn)(void*) = nullptr;
    void* arg = nullptr;
    {
      const std::lock_guard lock(mutex_);
      Entry* entry = find(buffer);
      if (!entry || entry->references == 0) return note("buf_release() once too often");
      if (--entry->references > 0) return;
      free_fn = entry->free_fn, arg = entry->arg;
    }
    if (free_fn) free_fn(arg);
  }

  /// Forgets the past: from here on, every buffer is the next run's.
  void begin_run() {
    const std::lock_guard lock(mutex_);
    for (auto at = entries_.begin(); at != entries_.end();) {
      at->second->reported = true;  // what leaked is kept: its owner may still come for it
      at = at->second->references == 0 ? entries_.erase(at) : std::next(at);
    }
    problems_.clear();
  }
  /// What went wrong since begin_run(), and what is still alive.
  std::vector<std::string> problems() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all = problems_;
    for (const auto& [buffer, entry] : entries_) {
      if (entry->references == 0 || entry->reported) continue;
      all.push_back("a buffer was leaked, with " + std::to_string(entry->references) +
                    " reference(s): " + sdk::detail::excerpt(sdk::view(buffer)));
    }
    return all;
  }

 private:
  struct Entry {
    lw_buf buffer;
    std::string own;
    void (*free_fn)(void*);
    void* arg;
    int references = 1;
    bool reported = false;
  };

  const lw_buf* add(Entry entry) {
    const std::lock_guard lock(mutex_);
    auto kept = std::make_unique<Entry>(std::move(entry));
    if (!kept->free_fn && !kept->buffer.data) kept->buffer = {kept->own.data(), kept->own.size()};
    const lw_buf* buffer = &kept->buffer;
    entries_.emplace(buffer, std::move(kept));
    return buffer;
  }
  Entry* find(const lw_buf* buffer) {
    const auto at = entries_.find(buffer);
    return at == entries_.end() ? nullptr : at->second.get();
  }
  void note(const char* problem) { problems_.emplace_back(problem); }

  std::mutex mutex_;
  std::unordered_map<const lw_buf*, std::unique_ptr<Entry>> entries_;
  std::vector<std::string> problems_;
};

}  // namespace leeward::testing
