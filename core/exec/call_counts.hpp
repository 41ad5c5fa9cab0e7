#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace leeward {

/// Tells the calls of one attempt apart that ask just the same, by how many came before. Made again in the same order,
/// each finds its place again; the order among different ones does not matter. Thread-safe.
class CallCounts {
  struct Shared;

 public:
  /// The place of one call. May outlive the attempt.
  class Place {
   public:
    Place(std::shared_ptr<Shared> shared, std::string digest, int ordinal)
        : shared_(std::move(shared)), digest_(std::move(digest)), ordinal_(ordinal) {}
    [[nodiscard]] const std::string& digest() const noexcept { return digest_; }
    [[nodiscard]] int ordinal() const noexcept { return ordinal_; }
    /// The call was not made: the next one that asks the same gets its place.
    void give_back();

   private:
    std::shared_ptr<Shared> shared_;
    std::string digest_;
    int ordinal_;
  };

  [[nodiscard]] Place take(std::string digest);

 private:
  std::mutex mutex_;                ///< guards the pointer
  std::shared_ptr<Shared> shared_;  ///< from the first call on: most attempts make none
};

}  // namespace leeward
