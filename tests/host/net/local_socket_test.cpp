#include "host/net/local_socket.hpp"

#include <fcntl.h>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/stat.h>

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

TEST_CASE("Sockets whose server is gone are taken away, others are listed", "[host][net]") {
  const TempDir dir;
  const fs::path folder = dir / "run";
  CHECK(live_sockets(folder).empty());
  auto first = echo(folder, "first");
  const auto second = echo(folder, "second");
  CHECK(live_sockets(folder).size() == 2);
  first.reset();
  CHECK_FALSE(fs::exists(folder / "first.sock"));

  // As a process leaves it that was killed: the name is there, and nobody behind it.
  fs::create_hard_link(folder / "second.sock", folder / "kept.sock");
  CHECK(live_sockets(folder).size() == 2);
  fs::remove(folder / "kept.sock");
  {
    auto third = echo(folder, "third");
    fs::create_hard_link(folder / "third.sock", folder / "dead.sock");
  }
  REQUIRE(fs::exists(folder / "dead.sock"));
  CHECK(ask_local(folder / "dead.sock", "x", kLong).error().code == "net.local_gone");
  CHECK(live_sockets(folder) == std::vector<fs::path>{folder / "second.sock"});
  CHECK_FALSE(fs::exists(folder / "dead.sock"));
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
