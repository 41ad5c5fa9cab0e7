#include "host/app/text_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <sys/stat.h>

namespace leeward {
namespace {

Error unreadable(const std::string& path, const std::string& why) {
  return {"file.unreadable", "cannot read it: " + why, {path, "", 0, 0}};
}

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "it is a folder, a file was expected";
  if (S_ISFIFO(mode)) return "it is a pipe, a regular file was expected";
  return "it is no regular file";
}

Result<std::string> read_open(int fd, const std::string& path, std::size_t max_bytes) {
  std::string text;
  char buffer[65536];
  while (true) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(path, std::strerror(errno));
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > max_bytes)
      return Error{"file.too_large", "larger than " + std::to_string(max_bytes) + " bytes", {path, "", 0, 0}};
  }
}

}  // namespace

Result<TextFile> read_text_file(const std::string& path, std::size_t max_bytes) {
  // O_NONBLOCK: opening a pipe must not wait for a writer.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return unreadable(path, std::strerror(errno));
  struct stat status {};
  const bool known = ::fstat(fd, &status) == 0;
  Result<std::string> text = known && S_ISREG(status.st_mode)
                                 ? read_open(fd, path, max_bytes)
                                 : Result<std::string>{unreadable(path, kind_of(status.st_mode))};
  ::close(fd);
  if (!text) return std::move(text).error();
  return TextFile{std::move(text).value(), status.st_mode & 07777, status.st_uid};
}

}  // namespace leeward
