#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.hpp"

namespace leeward {

/// An OpenAI-compatible server whose answers are scripted, or made from the prompt: for demos, tests and load. It says
/// in every answer's `system_fingerprint` that it is a simulation. Runs on a thread of its own; destroying it stops it.
class MockLlm {
 public:
  struct Options {
    std::string listen = "127.0.0.1:0";  ///< port 0: a free one
    std::string script;                  ///< JSON text; empty: unscripted answers only
    std::string script_name;             ///< for messages
    std::chrono::milliseconds latency{0};
    std::string log_file;  ///< one JSON line a request; empty: none, "-": stdout
  };
  [[nodiscard]] static Result<std::unique_ptr<MockLlm>> start(Options options);
  virtual ~MockLlm() = default;

  [[nodiscard]] virtual std::string base_url() const = 0;  ///< "http://127.0.0.1:40123/v1"
  [[nodiscard]] virtual std::uint64_t requests() const = 0;
  /// What it was asked and answered, as GET /mock/stats gives it: a JSON object.
  [[nodiscard]] virtual std::string stats_json() const = 0;
};

}  // namespace leeward
