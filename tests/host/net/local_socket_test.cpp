#include "host/net/local_socket.hpp"

#include <fcntl.h>
#include <memory>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kLong{60};

std::unique_ptr<LocalServer> echo(const fs::path& folder, const std::string& name) {
  auto server = LocalServer::start(folder, name, [](const std::string& line, uid_t peer) {
    return line + " from " + (peer == ::geteuid() ? "me" : "another");
  });
  REQUIRE(server);
  return std::move(server).value();
}

/// A socket that listens, and never accepts: as a process that is stopped.
class Listener {
 public:
  using Client = std::unique_ptr<int, void (*)(int*)>;

  explicit Listener(const fs::path& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    address_.sun_family = AF_UNIX;
    REQUIRE(path.string().copy(address_.sun_path, sizeof address_.sun_path - 1) == path.string().size());
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0);
    REQUIRE(::listen(fd_, 1) == 0);
  }
  ~Listener() { ::close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Clients until there is no room for another one.
  [[nodiscard]] std::vector<Client> fill() const {
    std::vector<Client> clients;
    while (true) {
      Client client{new int{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)}, [](int* fd) {
                      ::close(*fd);
                      delete fd;
                    }};
      if (::connect(*client, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0) return clients;
      clients.push_back(std::move(client));
    }
  }

 private:
  const int fd_;
  sockaddr_un address_{};
};

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("A local server answers a line with a line, and knows who asks", "[host][net]") {
  const TempDir dir;
  const fs::path folder = dir / "home/run";
  const auto server = echo(folder, "a");
  CHECK(mode_of(folder) == 0700);
  CHECK(mode_of(folder / "a.sock") == 0600);
  CHECK(mode_of(dir / "home") == 0700);
  const std::string long_line(300'000, 'x');
  CHECK(*ask_local(folder / "a.sock", "hello", kLong) == "hello from me");
  CHECK(*ask_local(folder / "a.sock", long_line, kLong) == long_line + " from me");
}

TEST_CASE("A local socket may have a longer path than its address could hold", "[host][net]") {
  const TempDir dir;
  const fs::path folder = dir.path() / std::string(120, 'd') / "run";
  const auto server = echo(folder, "a");
  CHECK(*ask_local(folder / "a.sock", "hello", kLong) == "hello from me");
}

TEST_CASE("Sockets are listed by name, and one whose server is gone says so when it is asked", "[host][net]") {
  const TempDir dir;
  const fs::path folder = dir / "run";
  CHECK(local_sockets(folder).empty());
  auto first = echo(folder, "first");
  const auto second = echo(folder, "second");
  CHECK(local_sockets(folder) == std::vector<fs::path>{folder / "first.sock", folder / "second.sock"});
  first.reset();
  CHECK_FALSE(fs::exists(folder / "first.sock"));
  {
    // As a process leaves it that was killed: the name is there, and nobody behind it.
    auto third = echo(folder, "third");
    fs::create_hard_link(folder / "third.sock", folder / "dead.sock");
  }
  REQUIRE(local_sockets(folder).size() == 2);
  CHECK(ask_local(folder / "dead.sock", "x", kLong).error().code == "net.local_gone");
  CHECK(ask_local(folder / "none.sock", "x", kLong).error().code == "net.local_gone");
}

TEST_CASE("A local server takes away what killed ones have left, and no other", "[host][net]") {
  const TempDir dir;
  const fs::path folder = dir / "run";
  const auto first = echo(folder, "first");
  {
    const auto killed = echo(folder, "killed");
    fs::create_hard_link(folder / "killed.sock", folder / "dead.sock");
  }
  REQUIRE(fs::exists(folder / "dead.sock"));
  const auto second = echo(folder, "second");
  CHECK(local_sockets(folder) == std::vector<fs::path>{folder / "first.sock", folder / "second.sock"});
  CHECK(*ask_local(folder / "first.sock", "hello", kLong) == "hello from me");
}

TEST_CASE("Asking a server that accepts nobody ends, even when its queue is full", "[host][net]") {
  const TempDir dir;
  const Listener stopped{dir / "stopped.sock"};
  const auto ask = [&] { return ask_local(dir / "stopped.sock", "x", std::chrono::milliseconds{50}).error().code; };
  CHECK(ask() == "net.local_busy");
  const std::vector<Listener::Client> waiting = stopped.fill();
  CHECK_FALSE(waiting.empty());
  CHECK(ask() == "net.local_busy");
}

TEST_CASE("A folder that others may enter is refused with the chmod that mends it", "[host][net]") {
  const TempDir dir;
  fs::create_directories(dir / "run");
  fs::permissions(dir / "run", fs::perms{0755});
  const auto server = LocalServer::start(dir / "run", "a", [](const std::string& line, uid_t) { return line; });
  REQUIRE_FALSE(server);
  CHECK(server.error().code == "net.local_folder");
  CHECK(server.error().message.find("chmod 700") != std::string::npos);
}

TEST_CASE("A folder that cannot be made is an error, not a crash", "[host][net]") {
  const auto server = LocalServer::start("/proc/nowhere/run", "a", [](const std::string& line, uid_t) { return line; });
  REQUIRE_FALSE(server);
  CHECK(server.error().code == "net.local_folder");
}
