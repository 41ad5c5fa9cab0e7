#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/exec/operator.hpp"
#include "host/secret/secret_stream.hpp"
#include "host/secret/secret_vault.hpp"

namespace leeward {

/// The one door for what an attempt says: an attempt around another, which takes every known secret out of its outcome
/// (result, error, model calls, question), its log lines, progress notes and output before anybody sees them. Made by
/// MaskedOperators; thread-safe.
///
/// Whoever listens is told the call as the engine made it: the params that the operator is given may hold secrets.
class MaskedAttempt final : private AttemptListener, public Attempt {
 public:
  MaskedAttempt(std::shared_ptr<Attempt> inner, TaskCall call, const SecretVault& vault);

  void complete(TaskOutcome outcome) override;
  void defer(bool idle) override { inner_->defer(idle); }

 private:
  /// What is emitted on one channel is one text, wherever it was cut.
  struct Channel {
    explicit Channel(const SecretMasker& masker) : stream(masker, Formats::yes) {}
    std::mutex mutex;  ///< held while the listener is told, which must not block: pieces stay in order
    SecretStream stream;
  };
  /// What a plugin may open. Beyond it each piece is a text of its own.
  static constexpr std::size_t kMostChannels = 64;

  void on_log(const TaskCall&, LogLevel level, std::string_view message, std::string_view fields_json) override;
  void on_progress(const TaskCall&, double fraction, std::string_view note) override;
  bool on_output(const TaskCall&, std::string_view channel, std::string_view chunk) override;
  [[nodiscard]] std::shared_ptr<Channel> channel(std::string_view name, const SecretMasker& masker);
  void flush(const SecretMasker& masker);

  const std::shared_ptr<Attempt> inner_;
  const SecretVault& vault_;
  std::mutex mutex_;  ///< guards the rest
  std::map<std::string, std::shared_ptr<Channel>, std::less<>> channels_;
  bool inside_key_ = false;  ///< the last log line left a private key open
};

}  // namespace leeward
