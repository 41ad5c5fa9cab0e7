#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "host/plugin/plugin_file.hpp"
#include "host/plugin/plugin_manifest.hpp"
#include "host/process/child_process.hpp"
#include "host/process/sandbox.hpp"

namespace leeward {

/// Learns what is in a plugin's file without running any of it here: a process of its own, confined, loads it, reads
/// its descriptor and ends. Loading runs a library's constructors, which may do anything; what they do to that process
/// is a reason to refuse the file. Immutable, thread-safe. About 5 ms a file.
class PluginProbe {
 public:
  struct Options {
    SandboxLimits limits;
    std::chrono::milliseconds time_limit{5000};
    std::string program = ChildProgram::kSelf;  ///< a leeward
  };

  explicit PluginProbe(Options options) : options_(std::move(options)) {}

  /// Codes: plugin.crashed (which signal, or that it ended the process), plugin.hung, plugin.bad_answer; what
  /// PluginLibrary::open and PluginManifest::read say; sandbox.failed, process.start. The manifest's entries have no
  /// table.
  [[nodiscard]] Result<PluginManifest> manifest_of(const PluginFile& file) const;

 private:
  Options options_;
};

/// The process's end of it, `leeward probe FILE --limits JSON`: the sealed copy of the file is descriptor 4, the answer
/// goes to 3. Never returns; the exit status is 0 if an answer was written. REQUIRES: this process has one thread.
[[noreturn]] void answer_probe(const std::string& file, const SandboxLimits& limits);

}  // namespace leeward
