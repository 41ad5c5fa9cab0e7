#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <sys/types.h>

#include "core/base/result.hpp"

namespace leeward {

/// Short questions between processes of the same user, over a Unix domain socket: one line each way, no '\n' in it.
/// Who may ask is decided by the file system: the socket is 0600 in a folder that is 0700 and the user's own.

/// Answers them: one thread, one client at a time, each within a second.
class LocalServer {
 public:
  /// `peer`: who asks, as the kernel says. Called on the server's thread.
  using Answer = std::function<std::string(const std::string& line, uid_t peer)>;

  /// Makes the folder if it is not there, and clears it of sockets whose process is gone; the socket appears when it
  /// can be asked. Codes net.local_folder, net.local_socket.
  [[nodiscard]] static Result<std::unique_ptr<LocalServer>> start(const std::filesystem::path& folder,
                                                                  const std::string& name, Answer answer);
  /// Takes the socket away.
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

 private:
  LocalServer(int folder, std::string name, int listener, Answer answer);
  void serve();
  void answer(int client);

  const int folder_;
  const std::string name_;
  const int listener_;
  const Answer answer_;
  int stop_ = -1;
  std::thread thread_;
};

/// Asks the server behind a socket, and waits for `limit` at most, all in all. Codes net.local_gone (no server is there
/// any more), net.local_busy (no answer in time, as from a process that is stopped), net.local_socket.
[[nodiscard]] Result<std::string> ask_local(const std::filesystem::path& socket, const std::string& line,
                                            std::chrono::milliseconds limit);

/// The sockets in the folder, by name, also those that a killed process has left. Asks none of them. A folder that is
/// not there has none.
[[nodiscard]] std::vector<std::filesystem::path> local_sockets(const std::filesystem::path& folder);

}  // namespace leeward
