#include "task_output.hpp"

#include <algorithm>

#include <leeward/cpp/utf8.hpp>

namespace bash_plugin {
namespace {

// The log is for people to read; a program that prints without end is heard in full on the stream alone.
constexpr std::size_t kLoggedLinesLimit = 1000;
constexpr std::size_t kLoggedLineLimitBytes = 4096;

// A host that takes no more output slows the command down for this long at a time, this often; then the
// rest is not streamed, as a reader that hangs must not hang the task.
constexpr int kBackOffMs = 10;
constexpr int kBackOffs = 100;

}  // namespace

void TaskOutput::take(Channel& channel, std::string_view bytes) {
  channel.begun_character += bytes;
  const std::string_view whole = leeward::sdk::whole_characters(channel.begun_character);
  const std::string text = leeward::sdk::well_formed(whole);
  channel.begun_character.erase(0, whole.size());
  pass_on(channel, text);
}

void TaskOutput::finish() {
  for (Channel* channel : {&output_, &error_output_}) {
    pass_on(*channel, leeward::sdk::well_formed(channel->begun_character));
    if (!channel->begun_line.empty()) log_line(channel->begun_line);
  }
}

void TaskOutput::pass_on(Channel& channel, const std::string& text) {
  if (text.empty()) return;
  channel.collected.add(text);
  emit(channel, text);
  log_lines(channel, text);
}

void TaskOutput::emit(Channel& channel, std::string_view text) {
  for (int tries = 0; !channel.dropped && tries <= kBackOffs; ++tries) {
    const lw_code code =
        task_.raw()->api->emit(task_.raw(), leeward::sdk::lend(channel.name), leeward::sdk::lend(text));
    if (code == LW_OK) return;
    if (code != LW_AGAIN) break;  // the host has had its fill
    if (stop_.wait_ms(kBackOffMs)) return;
  }
  if (!channel.dropped) task_.log(LW_LOG_WARN, std::string("the host takes no more of ") + channel.name);
  channel.dropped = true;
}

void TaskOutput::log_lines(Channel& channel, std::string_view text) {
  if (logged_lines_ > kLoggedLinesLimit) return;
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    channel.begun_line += text.substr(0, end);
    log_line(channel.begun_line);
    channel.begun_line.clear();
  }
  channel.begun_line += text.substr(0, std::min(text.size(), 2 * kLoggedLineLimitBytes));
  if (channel.begun_line.size() > kLoggedLineLimitBytes) channel.begun_line.resize(kLoggedLineLimitBytes);
}

void TaskOutput::log_line(std::string_view line) {
  if (logged_lines_ > kLoggedLinesLimit) return;
  if (++logged_lines_ > kLoggedLinesLimit)
    return task_.log(LW_LOG_WARN, "further lines are streamed, but not logged: the command printed more than 1000");
  task_.log(LW_LOG_INFO, leeward::sdk::whole_characters(line.substr(0, kLoggedLineLimitBytes)));
}

}  // namespace bash_plugin
