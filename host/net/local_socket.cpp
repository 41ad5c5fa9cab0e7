#include "host/net/local_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "core/base/assert.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20;
constexpr std::chrono::seconds kClientLimit{1};
constexpr std::chrono::milliseconds kPause{20};
constexpr std::chrono::milliseconds kFullPause{100};
constexpr std::string_view kSuffix = ".sock";

/// A descriptor that is closed in the end.
class Fd {
 public:
  explicit Fd(int fd) noexcept : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool ok() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Error folder_error(const fs::path& folder, const std::string& why) {
  return {"net.local_folder", folder.string() + ": " + why};
}

Error socket_error(const std::string& what) { return {"net.local_socket", what + ": " + std::strerror(errno)}; }

Error no_reply(const fs::path& socket) {
  return {"net.local_busy", socket.string() + ": the process behind it does not reply"};
}

/// An address by way of the folder's descriptor: a path may be longer than an address can hold.
sockaddr_un address_of(int folder, const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder) + "/" + name;
  LW_ASSERT(path.size() < sizeof address.sun_path, "names of sockets are short");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

/// The folder, made if it has to be, the user's own and closed to everybody else.
Result<int> private_folder(const fs::path& folder) {
  std::error_code failed;
  if (!folder.parent_path().empty()) {
    const fs::path parent = folder.parent_path();
    if (!fs::exists(parent, failed) && fs::create_directories(parent, failed)) ::chmod(parent.c_str(), 0700);
  }
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return folder_error(folder, std::string{"it cannot be made: "} + std::strerror(errno));
  }
  Fd fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  struct stat status {};
  if (!fd.ok() || ::fstat(fd.get(), &status) != 0) return folder_error(folder, std::strerror(errno));
  if (status.st_uid != ::geteuid()) return folder_error(folder, "it belongs to another user");
  if ((status.st_mode & 077) != 0)
    return folder_error(folder, "other users may enter it; mend it: chmod 700 '" + folder.string() + "'");
  return fd.release();
}

/// A listening socket under a name of its own, and then under the right one: whoever sees it there can ask.
Result<int> listen_in(int folder, const std::string& name) {
  Fd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!listener.ok()) return socket_error("no socket can be made");
  const std::string early = "." + name;
  const sockaddr_un address = address_of(folder, early);
  ::unlinkat(folder, early.c_str(), 0);
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return socket_error("the socket " + name + " cannot be made");
  const bool ready = ::fchmodat(folder, early.c_str(), 0600, 0) == 0 && ::listen(listener.get(), 64) == 0 &&
                     ::renameat(folder, early.c_str(), folder, name.c_str()) == 0;
  if (ready) return listener.release();
  const Error error = socket_error("the socket " + name + " cannot be made");
  ::unlinkat(folder, early.c_str(), 0);
  return error;
}

/// False: the time is over. Interrupted waits go on.
bool wait_until(int fd, short events, Clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd watch{fd, events, 0};
    const int ready = ::poll(&watch, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

/// One line without its end; nothing if there is none in time.
std::optional<std::string> read_line(int fd, Clock::time_point deadline) {
  std::string text;
  char buffer[4096];
  while (text.size() <= kMaxLineBytes && wait_until(fd, POLLIN, deadline)) {
    const ssize_t n = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) return std::nullopt;
    text.append(buffer, static_cast<std::size_t>(n));
    if (const std::size_t end = text.find('\n'); end != std::string::npos) return text.substr(0, end);
  }
  return std::nullopt;
}

bool write_line(int fd, std::string line, Clock::time_point deadline) {
  line += '\n';
  for (std::size_t at = 0; at < line.size();) {
    if (!wait_until(fd, POLLOUT, deadline)) return false;
    const ssize_t n = ::send(fd, line.data() + at, line.size() - at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}

/// Never waits beyond the deadline: a server that accepts nobody, since it is stopped, has a queue that fills up.
Result<int> connect_to(const fs::path& socket, Clock::time_point deadline) {
  const fs::path parent = socket.parent_path();
  const Fd folder{::open(parent.empty() ? "." : parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!folder.ok() || !fd.ok()) return socket_error(socket.string());
  const sockaddr_un address = address_of(folder.get(), socket.filename().string());
  while (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ECONNREFUSED || errno == ENOENT) return Error{"net.local_gone", socket.string() + ": nobody is there"};
    if (errno != EAGAIN && errno != EINTR) return socket_error(socket.string());
    if (Clock::now() + kPause > deadline) return no_reply(socket);
    std::this_thread::sleep_for(kPause);  // a full queue cannot be waited for
  }
  return fd.release();
}

/// What killed processes have left, so that it does not grow for ever where nobody asks.
void remove_dead_sockets(const fs::path& folder) {
  std::error_code ignored;
  for (const fs::path& socket : local_sockets(folder)) {
    const Result<int> connected = connect_to(socket, Clock::now());
    if (connected) ::close(*connected);
    if (!connected && connected.error().code == "net.local_gone") fs::remove(socket, ignored);
  }
}

}  // namespace

Result<std::unique_ptr<LocalServer>> LocalServer::start(const fs::path& folder, const std::string& name,
                                                        Answer answer) {
  Result<int> made = private_folder(folder);
  if (!made) return std::move(made).error();
  Fd fd{*made};
  remove_dead_sockets(folder);
  Result<int> listener = listen_in(fd.get(), name + std::string{kSuffix});
  if (!listener) return std::move(listener).error();
  return std::unique_ptr<LocalServer>{
      new LocalServer{fd.release(), name + std::string{kSuffix}, *listener, std::move(answer)}};
}

LocalServer::LocalServer(int folder, std::string name, int listener, Answer answer)
    : folder_(folder), name_(std::move(name)), listener_(listener), answer_(std::move(answer)) {
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  LW_ASSERT(stop_ >= 0, "a process can have one more descriptor");
  thread_ = std::thread{[this] { serve(); }};
}

LocalServer::~LocalServer() {
  ::unlinkat(folder_, name_.c_str(), 0);
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_, &one, sizeof one);
  thread_.join();
  for (const int fd : {stop_, listener_, folder_}) ::close(fd);
}

void LocalServer::serve() {
  while (true) {
    pollfd watch[] = {{listener_, POLLIN, 0}, {stop_, POLLIN, 0}};
    if (::poll(watch, 2, -1) < 0) continue;
    if (watch[1].revents != 0) return;
    const Fd client{::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)};
    if (client.ok()) {
      answer(client.get());
    } else if (errno == EMFILE || errno == ENFILE) {
      ::poll(&watch[1], 1, static_cast<int>(kFullPause.count()));  // whoever asks stays in the queue
    }
  }
}

void LocalServer::answer(int client) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return;
  if (peer.uid != 0 && peer.uid != ::geteuid()) return;  // the folder's mode says so already
  const auto line = read_line(client, Clock::now() + kClientLimit);
  if (line) write_line(client, answer_(*line, peer.uid), Clock::now() + kClientLimit);
}

Result<std::string> ask_local(const fs::path& socket, const std::string& line, std::chrono::milliseconds limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  Result<int> connected = connect_to(socket, deadline);
  if (!connected) return std::move(connected).error();
  const Fd fd{*connected};
  if (write_line(fd.get(), line, deadline)) {
    if (auto answer = read_line(fd.get(), deadline)) return *std::move(answer);
  }
  return no_reply(socket);
}

std::vector<fs::path> local_sockets(const fs::path& folder) {
  std::vector<fs::path> sockets;
  std::error_code failed;
  for (fs::directory_iterator at{folder, failed}, end; !failed && at != end; at.increment(failed)) {
    const fs::path& path = at->path();
    if (path.extension() == kSuffix && !path.filename().string().starts_with('.')) sockets.push_back(path);
  }
  std::sort(sockets.begin(), sockets.end());
  return sockets;
}

}  // namespace leeward
