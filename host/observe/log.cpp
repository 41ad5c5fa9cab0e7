#include "host/observe/log.hpp"

#include <mutex>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include "host/observe/printable.hpp"

namespace leeward {
namespace {

/// Hands finished lines to the console, which knows about the block below them.
class ConsoleSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit ConsoleSink(Console& console) : console_(console) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    std::string_view line{text.data(), text.size()};
    while (line.ends_with('\n')) line.remove_suffix(1);
    console_.line(line);
  }
  void flush_() override {}

  Console& console_;
};

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::trace: return spdlog::level::trace;
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

struct Log::Impl {
  explicit Impl(Console& console) : logger("leeward", std::make_shared<ConsoleSink>(console)) {}
  spdlog::logger logger;
  const SecretVault* vault = nullptr;
};

Log::Log(Console& console, std::optional<LogLevel> level, const SecretVault* vault)
    : impl_(std::make_unique<Impl>(console)) {
  impl_->vault = vault;
  impl_->logger.set_pattern("%H:%M:%S %-5l %v", spdlog::pattern_time_type::utc);
  impl_->logger.set_level(level ? level_of(*level) : spdlog::level::off);
}

Log::~Log() = default;

bool Log::enabled(LogLevel level) const { return impl_->logger.should_log(level_of(level)); }

void Log::line(LogLevel level, std::string_view component, std::string_view message, std::string_view fields_json) {
  if (!enabled(level)) return;
  std::string text = printable(component) + ": " + printable(message);
  if (!fields_json.empty() && fields_json != "{}") text += " " + printable(fields_json);
  if (impl_->vault != nullptr) impl_->vault->masker()->mask(text, Formats::yes);
  impl_->logger.log(level_of(level), spdlog::string_view_t{text.data(), text.size()});
}

}  // namespace leeward
