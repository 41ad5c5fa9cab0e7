#include "try_log.hpp"

#include <algorithm>

#include "json_text.hpp"
#include "retry_delay.hpp"

namespace llm {
namespace {

std::string status(const ModelError& error) {
  return error.http_status == 0 ? std::string{} : " (HTTP " + std::to_string(error.http_status) + ")";
}

std::string times(std::size_t count) { return count == 1 ? "once" : std::to_string(count) + " times"; }

}  // namespace

std::vector<const Try*> TryLog::last_of_each_model() const {
  std::vector<const Try*> last;
  for (const Try& tried : tries_) {
    if (last.empty() || last.back()->model != tried.model) {
      last.push_back(&tried);
    } else {
      last.back() = &tried;
    }
  }
  return last;
}

std::size_t TryLog::asked(std::size_t model) const {
  return static_cast<std::size_t>(
      std::count_if(tries_.begin(), tries_.end(), [&](const Try& tried) { return tried.model == model; }));
}

const Try& TryLog::original() const { return *last_of_each_model().front(); }

bool TryLog::worth_another_attempt() const {
  const auto last = last_of_each_model();
  return std::any_of(last.begin(), last.end(), [](const Try* tried) { return tried->retryable; });
}

std::int64_t TryLog::task_delay_ms() const {
  const Try& first = original();
  if (!first.retryable || !first.server_wait_ms) return -1;
  return std::min(*first.server_wait_ms, kTaskDelayCapMs);
}

std::string TryLog::message() const {
  std::string text;
  for (const Try* tried : last_of_each_model()) {
    const std::size_t count = asked(tried->model);
    if (text.empty()) {
      text = tried->model_name + ": " + tried->error.message + status(tried->error);
      if (count > 1) text += "; asked " + times(count);
    } else {
      text += "; then " + tried->model_name + ": " + type_name(tried->error.error_class) + status(tried->error) +
              ", asked " + times(count);
    }
  }
  return text;
}

std::string TryLog::details_json() const {
  Json tries = Json::array();
  for (const Try& tried : tries_) {
    tries.push_back({{"model", tried.model_name},
                     {"error", type_name(tried.error.error_class)},
                     {"message", tried.error.message},
                     {"http_status", tried.error.http_status},
                     {"duration_ms", tried.duration_ms}});
  }
  return to_text(Json{{"tries", std::move(tries)}});
}

}  // namespace llm
