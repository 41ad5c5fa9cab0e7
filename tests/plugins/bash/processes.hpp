#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/types.h>

/// What tests ask about the processes of this machine.
namespace processes {

/// A zombie that nobody has reaped yet is not alive.
inline bool is_alive(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string content;
  std::getline(file, content);
  const std::size_t name_end = content.rfind(')');
  return name_end != std::string::npos && content.size() > name_end + 2 && content[name_end + 2] != 'Z' &&
         content[name_end + 2] != 'X';
}

inline auto open_descriptors() {
  namespace fs = std::filesystem;
  return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator{});
}

}  // namespace processes
