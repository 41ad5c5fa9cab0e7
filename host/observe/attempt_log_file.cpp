#include "host/observe/attempt_log_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

#include "core/base/time_format.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

constexpr std::size_t kLongestBegun = 65536;  ///< a line without end is cut here
constexpr std::size_t kMostEchoes = 2048;
constexpr std::size_t kMostChannels = 64;
constexpr std::string_view kOutput = "OUTPUT";
constexpr std::string_view kUsualChannel = "stdout";

/// Folders that are not there are made for the owner alone.
int make_folders(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return 0;
  if (errno != ENOENT || !folder.has_relative_path()) return errno;
  if (const int error = make_folders(folder.parent_path()); error != 0) return error;
  return ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST ? 0 : errno;
}

/// Nothing is written through a link, or to what is no file, whoever put it there.
int open_to_append(const std::filesystem::path& path) {
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

AttemptLogFile::AttemptLogFile(AttemptLogName name, std::string first_line, std::uint64_t max_bytes)
    : name_(std::move(name)), first_line_(std::move(first_line)), max_bytes_(max_bytes) {}

AttemptLogFile::~AttemptLogFile() { close(); }

void AttemptLogFile::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  echoes_.clear();
}

/// `before`: text in front of it that is printable already.
void AttemptLogFile::line(Timestamp at, std::string_view level, std::string_view text, std::string_view before) {
  if (full_ || bytes_ + text_.size() > max_bytes_) {
    ++left_out_;
  } else {
    put(at, level, text, before);
  }
}

void AttemptLogFile::put(Timestamp at, std::string_view level, std::string_view text, std::string_view before) {
  last_at_ = at;
  text_ += format_timestamp(at);
  text_.append(1, ' ').append(level).append(level.size() < 6 ? 6 - level.size() : 0, ' ').append(1, ' ');
  text_.append(before) += printable(text);
  text_ += '\n';
}

void AttemptLogFile::add(Timestamp at, std::string_view level, std::string_view text) {
  if (is_echo(text)) return;
  do {
    const std::size_t end = std::min(text.find('\n'), text.size());
    line(at, level, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  } while (!text.empty());
}

bool AttemptLogFile::is_echo(std::string_view text) {
  const auto found = std::find(echoes_.begin(), echoes_.end(), std::hash<std::string_view>{}(text));
  if (found == echoes_.end()) return false;
  echoes_.erase(found);
  return true;
}

void AttemptLogFile::add_output(Timestamp at, const std::string& channel, std::string_view piece) {
  if (begun_.size() == kMostChannels && begun_.find(channel) == begun_.end()) end_output();
  last_output_ = at;
  std::string& begun = begun_[channel];
  const std::string before = channel == kUsualChannel ? std::string{} : "[" + printable(channel) + "] ";
  for (std::size_t end; (end = piece.find('\n')) != std::string_view::npos; piece.remove_prefix(end + 1)) {
    begun += piece.substr(0, end);
    line(at, kOutput, begun, before);
    echoes_.push_back(std::hash<std::string_view>{}(begun));
    if (echoes_.size() > kMostEchoes) echoes_.pop_front();
    begun.clear();
  }
  begun += piece;
  if (begun.size() < kLongestBegun) return;
  line(at, kOutput, begun, before);
  begun.clear();
}

void AttemptLogFile::end_output() {
  const auto begun = std::exchange(begun_, {});
  for (const auto& [channel, text] : begun) {
    if (!text.empty()) add_output(last_output_, channel, text + "\n");
  }
  begun_.clear();
}

void AttemptLogFile::add_dropped(Timestamp at, std::uint64_t lines) {
  if (lines > 0) line(at, "WARN", "… " + std::to_string(lines) + (lines == 1 ? " line dropped" : " lines dropped"));
}

std::string AttemptLogFile::open(const std::filesystem::path& home) {
  const std::filesystem::path path = attempt_log_path(home, name_);
  fd_ = open_to_append(path);
  if (fd_ < 0 && errno == ENOENT) {
    if (const int error = make_folders(path.parent_path()); error != 0) return std::strerror(error);
    fd_ = open_to_append(path);
  }
  if (fd_ < 0) return std::strerror(errno);
  struct stat status {};
  if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
    close();
    return "it is no regular file";
  }
  bytes_ = static_cast<std::uint64_t>(status.st_size);
  return {};
}

/// What exceeds the limit goes, with a word about it.
void AttemptLogFile::cut() {
  if (bytes_ + text_.size() <= max_bytes_) return;
  const std::size_t room = bytes_ < max_bytes_ ? static_cast<std::size_t>(max_bytes_ - bytes_) : 0;
  const std::size_t whole = room == 0 ? std::string::npos : text_.rfind('\n', room - 1);
  text_.erase(whole == std::string::npos ? 0 : whole + 1);
  put(last_at_, "WARN",
      "… the rest is left out: the log of an attempt has at most " + std::to_string(max_bytes_) + " bytes", {});
  full_ = true;
}

std::string AttemptLogFile::write(const std::filesystem::path& home) {
  if (text_.empty()) return {};
  struct stat status {};
  if (fd_ >= 0 && (::fstat(fd_, &status) != 0 || status.st_nlink == 0)) close();  // somebody has removed it
  std::string why = fd_ >= 0 ? std::string{} : open(home);
  if (why.empty()) {
    if (lost_ > 0) {
      const std::string waiting = std::exchange(text_, {});
      add_dropped(last_at_, std::exchange(lost_, 0));
      text_ += waiting;
    }
    if (bytes_ == 0 && !first_line_.empty()) text_.insert(0, text_.substr(0, 25) + "INFO   " + first_line_ + "\n");
    cut();
  }
  while (why.empty() && !text_.empty()) {
    const ssize_t n = ::write(fd_, text_.data(), text_.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      why = std::strerror(n < 0 ? errno : ENOSPC);
      break;
    }
    bytes_ += static_cast<std::uint64_t>(n);
    text_.erase(0, static_cast<std::size_t>(n));
  }
  lost_ += lines_in(text_);
  if (!full_) lost_ += left_out_;
  left_out_ = 0;
  text_.clear();
  return why;
}

}  // namespace leeward
