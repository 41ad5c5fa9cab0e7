#include "article_file.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <leeward/cpp/error.hpp>

namespace content_plugin {
namespace {

constexpr std::uintmax_t kLimitBytes = 16 * 1024 * 1024;

}  // namespace

std::string read_file(const std::string& path) {
  namespace fs = std::filesystem;
  using leeward::sdk::fail;
  using leeward::sdk::retry;
  std::error_code error;
  const fs::file_status status = fs::status(fs::u8path(path), error);
  if (!fs::exists(status)) throw retry("content.unreadable", path + ": there is no such file");
  if (!fs::is_regular_file(status)) throw fail("content.unreadable", path + ": expected a file");
  const std::uintmax_t size = fs::file_size(fs::u8path(path), error);
  if (error) throw retry("content.unreadable", path + ": " + error.message());
  if (size > kLimitBytes) throw fail("content.too_large", path + ": larger than 16 MiB");
  std::ifstream file(fs::u8path(path), std::ios::binary);
  std::string content(static_cast<std::size_t>(size), '\0');
  if (!file.read(content.data(), static_cast<std::streamsize>(size)))
    throw retry("content.unreadable", path + ": cannot be read");
  return content;
}

}  // namespace content_plugin
