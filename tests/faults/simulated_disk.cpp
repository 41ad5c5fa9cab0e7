#include "tests/faults/simulated_disk.hpp"

#include <algorithm>

namespace leeward::test {
namespace {

constexpr std::uint64_t kSector = 512;

}  // namespace

void SimulatedDisk::arm(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  struck_ = false;
}

std::uint64_t SimulatedDisk::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

bool SimulatedDisk::struck() const {
  const std::lock_guard lock(mutex_);
  return struck_;
}

SimulatedDisk::Trouble SimulatedDisk::next_operation() {
  const std::uint64_t number = operations_++;
  const bool for_ever = fault_.duration == Duration::for_ever || fault_.trouble == Trouble::power_cut;
  const bool strikes = for_ever ? number >= fault_.at : number == fault_.at;
  if (!strikes) return Trouble::none;
  struck_ = true;
  return fault_.trouble;
}

SimulatedDisk::Trouble SimulatedDisk::next_look() {
  if (counts_ == Counts::everything) return next_operation();
  return fault_.trouble == Trouble::power_cut && struck_ ? Trouble::power_cut : Trouble::none;
}

void SimulatedDisk::restart(std::optional<std::uint64_t> seed) {
  const std::lock_guard lock(mutex_);
  std::mt19937_64 random{seed.value_or(0)};
  for (const auto& [name, file] : removed_) {
    if (seed && random() % 2 == 0) files_.try_emplace(name, file);
  }
  std::map<std::string, std::shared_ptr<File>> files;
  for (const auto& [name, file] : files_) {
    if (seed && !file->entry_is_durable && random() % 2 == 0) continue;
    auto found = std::make_shared<File>();  // who has the old one open is gone
    found->content = found->durable = seed ? after_power_loss(*file, random) : file->content;
    found->entry_is_durable = true;
    files[name] = std::move(found);
  }
  files_ = std::move(files);
  removed_.clear();
  fault_ = {};
  operations_ = 0;
}

void SimulatedDisk::apply(std::string& content, const File::Write& write) {
  if (write.bytes.empty()) return content.resize(write.offset);
  if (content.size() < write.offset + write.bytes.size()) content.resize(write.offset + write.bytes.size());
  std::copy(write.bytes.begin(), write.bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(write.offset));
}

/// One of: nothing of it came through, all up to some moment, or each sector as chance wants it.
std::string SimulatedDisk::after_power_loss(const File& file, std::mt19937_64& random) {
  std::string content = file.durable;
  const std::uint64_t way = random() % 4;
  const std::size_t whole = way == 1 ? random() % (file.unsynced.size() + 1) : 0;
  for (std::size_t i = 0; i < file.unsynced.size(); ++i) {
    const File::Write& write = file.unsynced[i];
    if (way < 2) {
      if (i < whole) apply(content, write);
      continue;
    }
    if (write.bytes.empty()) {
      if (random() % 2 == 0) apply(content, write);
      continue;
    }
    for (std::uint64_t at = 0; at < write.bytes.size();) {
      const std::uint64_t end =
          std::min<std::uint64_t>(write.bytes.size(), at + kSector - (write.offset + at) % kSector);
      if (random() % 2 == 0) apply(content, {write.offset + at, write.bytes.substr(at, end - at)});
      at = end;
    }
  }
  return content;
}

SimulatedDisk::Trouble SimulatedDisk::open(const std::string& name, bool create, std::shared_ptr<File>& file) {
  const std::lock_guard lock(mutex_);
  if (const Trouble trouble = next_operation(); trouble != Trouble::none) return trouble;
  const auto found = files_.find(name);
  if (found != files_.end()) {
    file = found->second;
  } else if (create) {
    file = files_[name] = std::make_shared<File>();
  }
  return Trouble::none;
}

SimulatedDisk::Trouble SimulatedDisk::remove(const std::string& name, bool sync) {
  const std::lock_guard lock(mutex_);
  if (const Trouble trouble = next_operation(); trouble != Trouble::none) return trouble;
  const auto found = files_.find(name);
  if (found == files_.end()) return Trouble::none;
  if (!sync && found->second->entry_is_durable) removed_[name] = found->second;
  files_.erase(found);
  return Trouble::none;
}

SimulatedDisk::Trouble SimulatedDisk::exists(const std::string& name, bool& there) {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(name);
  there = found != files_.end() && !found->second->content.empty();
  return counts_ == Counts::everything ? next_operation() : Trouble::none;
}

SimulatedDisk::Trouble SimulatedDisk::read(const File& file, std::uint64_t offset, std::size_t size,
                                           std::string& bytes) {
  const std::lock_guard lock(mutex_);
  if (const Trouble trouble = next_look(); trouble != Trouble::none) return trouble;
  bytes = offset < file.content.size() ? file.content.substr(offset, size) : std::string{};
  return Trouble::none;
}

SimulatedDisk::Trouble SimulatedDisk::write(File& file, std::uint64_t offset, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  const bool first = !struck_;
  const Trouble trouble = next_operation();
  if (trouble == Trouble::power_cut) {
    if (first) file.unsynced.push_back({offset, std::string{bytes}});  // it was on its way: some of it may arrive
    return trouble;
  }
  if (trouble == Trouble::io_error) return trouble;
  if (trouble == Trouble::no_space) bytes = bytes.substr(0, bytes.size() / 2);  // as far as there is room
  if (bytes.empty()) return trouble;
  file.unsynced.push_back({offset, std::string{bytes}});
  apply(file.content, file.unsynced.back());
  return trouble;
}

SimulatedDisk::Trouble SimulatedDisk::truncate(File& file, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  if (const Trouble trouble = next_operation(); trouble != Trouble::none) return trouble;
  file.unsynced.push_back({size, {}});
  apply(file.content, file.unsynced.back());
  return Trouble::none;
}

SimulatedDisk::Trouble SimulatedDisk::sync(File& file, const std::string& name) {
  const std::lock_guard lock(mutex_);
  const Trouble trouble = next_operation();
  const bool lies = lies_ == Lies::all || (lies_ == Lies::log && name.ends_with("-wal"));
  // A sync that fails has lost what it could not write: the next one would say that all is well.
  if (trouble == Trouble::io_error || trouble == Trouble::no_space) file.unsynced.clear();
  if (trouble != Trouble::none || lies) return trouble;
  for (const File::Write& write : file.unsynced) apply(file.durable, write);
  file.unsynced.clear();
  file.entry_is_durable = true;
  return Trouble::none;
}

SimulatedDisk::Trouble SimulatedDisk::size(const File& file, std::uint64_t& bytes) {
  const std::lock_guard lock(mutex_);
  bytes = file.content.size();
  return counts_ == Counts::everything ? next_operation() : Trouble::none;
}

SimulatedDisk::Trouble SimulatedDisk::lock() {
  const std::lock_guard lock(mutex_);
  return counts_ == Counts::everything ? next_operation() : Trouble::none;
}

SimulatedDisk::Trouble SimulatedDisk::other_call() {
  const std::lock_guard lock(mutex_);
  return next_operation();
}

void SimulatedDisk::damage(const std::string& name, std::uint64_t offset, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  File& file = *files_.at(name);
  apply(file.content, {offset, std::string{bytes}});
  file.durable = file.content;
}

std::string SimulatedDisk::content(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(name);
  return found == files_.end() ? std::string{} : found->second->content;
}

void SimulatedDisk::put(const std::string& name, std::string content) {
  const std::lock_guard lock(mutex_);
  auto file = std::make_shared<File>();
  file->content = file->durable = std::move(content);
  file->entry_is_durable = true;
  files_[name] = std::move(file);
}

void SimulatedDisk::copy(const SimulatedDisk& other) {
  const std::scoped_lock lock(mutex_, other.mutex_);
  files_.clear();
  for (const auto& [name, file] : other.files_) files_[name] = std::make_shared<File>(*file);
}

}  // namespace leeward::test
