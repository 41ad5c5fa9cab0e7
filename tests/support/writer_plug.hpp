#pragma once

#include <future>

#include "core/store/store_writer.hpp"

namespace leeward::test {

/// Keeps the writer's thread busy until it is let go, so that what is submitted meanwhile makes one group.
///
/// Must outlive what was submitted meanwhile: wait until the last of it was told.
class WriterPlug {
 public:
  explicit WriterPlug(StoreWriter& writer) {
    writer.submit([](SqliteDb&) { return done(); },
                  [this](const Status&) {
                    holds_.set_value();
                    let_go_.get_future().wait();
                  });
    holds_.get_future().wait();
  }
  void pull() { let_go_.set_value(); }

 private:
  std::promise<void> holds_;
  std::promise<void> let_go_;
};

}  // namespace leeward::test
