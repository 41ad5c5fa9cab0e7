#include "host/plugin/plugin_file.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/support/has.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

const fs::path kSample = LEEWARD_BINARY_DIR "/tests/samples/sample.so";

/// A good plugin two folders deep.
struct Deep {
  Deep() {
    fs::create_directories(dir / "upper/lower");
    fs::copy_file(kSample, file);
    ::chmod((dir / "upper").c_str(), 0755);
    ::chmod((dir / "upper/lower").c_str(), 0755);
    ::chmod(file.c_str(), 0644);
  }
  TempDir dir;
  fs::path file = dir / "upper/lower/a.so";
};

/// Why it is not read; "" if it is. Both ways of looking agree.
std::string fault(const fs::path& path) {
  const auto file = PluginFile::read(path);
  const auto identity = PluginFile::identify(path);
  CHECK(file.ok() == identity.ok());
  if (file) return "";
  CHECK(file.error().message == identity.error().message);
  CHECK(file.error().where.file == path.string());
  return file.error().message;
}

}  // namespace

TEST_CASE("A plugin's file is identified by what changes with it", "[host][plugin]") {
  const Deep deep;
  CHECK(fault(deep.file).empty());
  const auto before = PluginFile::identify(deep.file);
  CHECK(*before == PluginFile::read(deep.file)->identity);
  CHECK(*before == *PluginFile::identify(deep.file));
  ::chmod(deep.file.c_str(), 0600);
  CHECK_FALSE(*before == *PluginFile::identify(deep.file));
  CHECK(PluginFile::read(deep.file)->sha256().size() == 64);
}

TEST_CASE("A plugin is refused if others may write it or any folder above it", "[host][plugin]") {
  const Deep deep;
  ::chmod(deep.file.c_str(), 0666);
  CHECK(has(fault(deep.file), "chmod go-w '" + deep.file.string() + "'"));
  ::chmod(deep.file.c_str(), 0644);
  ::chmod((deep.dir / "upper/lower").c_str(), 0777);
  CHECK(has(fault(deep.file), "chmod go-w '" + (deep.dir / "upper/lower").string() + "'"));
  ::chmod((deep.dir / "upper/lower").c_str(), 0755);
  ::chmod((deep.dir / "upper").c_str(), 0777);
  CHECK(has(fault(deep.file), "chmod go-w '" + (deep.dir / "upper").string() + "'"));
  const Status folder = check_plugin_folder(deep.dir / "upper/lower");
  REQUIRE_FALSE(folder);
  CHECK(folder.error().code == "plugin.permissions");
  ::chmod((deep.dir / "upper").c_str(), 01777);
  CHECK(fault(deep.file).empty());
  CHECK(check_plugin_folder(deep.dir / "upper/lower"));
}

TEST_CASE("A plugin is refused if another user owns it or a folder above it", "[host][plugin]") {
  if (::geteuid() != 0) {
    WARN("SKIP: only root can give a file away");
    return;
  }
  const Deep deep;
  REQUIRE(::chown(deep.file.c_str(), 12345, 12345) == 0);
  CHECK(has(fault(deep.file), "the file belongs to another user (uid 12345)"));
  REQUIRE(::chown(deep.file.c_str(), 0, 0) == 0);
  REQUIRE(::chown((deep.dir / "upper").c_str(), 12345, 12345) == 0);
  CHECK(has(fault(deep.file), "a folder above it, belongs to another user (uid 12345)"));
}

TEST_CASE("A folder of root's may be writable for a group that nobody is in", "[host][plugin]") {
  if (::geteuid() != 0) {
    WARN("SKIP: only root has folders of root's to try");
    return;
  }
  const Deep deep;
  ::chmod((deep.dir / "upper").c_str(), 0775);
  CHECK(fault(deep.file).empty());
  REQUIRE(::chown((deep.dir / "upper").c_str(), 0, 54321) == 0);  // a group that is not known at all
  CHECK(has(fault(deep.file), "may be written by other users"));
}

TEST_CASE("A group that is somebody's primary one, or may be, has members that it does not list", "[host][plugin]") {
  if (::geteuid() != 0) {
    WARN("SKIP: only root has folders of root's to try");
    return;
  }
  const Deep deep;
  const auto open_to = [&](gid_t group) {
    REQUIRE(::chown((deep.dir / "upper").c_str(), 0, group) == 0);
    ::chmod((deep.dir / "upper").c_str(), 0775);
    return fault(deep.file);
  };
  if (const group* users = ::getgrnam("users")) CHECK(has(open_to(users->gr_gid), "may be written by other users"));
  std::vector<gid_t> primary;
  ::setpwent();
  while (const passwd* user = ::getpwent())
    if (user->pw_uid != 0 && user->pw_gid != 0 && ::getgrgid(user->pw_gid) != nullptr) primary.push_back(user->pw_gid);
  ::endpwent();
  if (primary.empty()) WARN("SKIP: nobody but root is known here");
  for (const gid_t group : primary) {
    INFO("group " << group);
    CHECK(has(open_to(group), "may be written by other users"));
  }
}

TEST_CASE("A link is judged by what it leads to", "[host][plugin]") {
  const Deep deep;
  fs::create_symlink("upper/lower/a.so", deep.dir / "link.so");
  CHECK(fault(deep.dir / "link.so").empty());
  ::chmod((deep.dir / "upper/lower").c_str(), 0777);
  CHECK(has(fault(deep.dir / "link.so"), (deep.dir / "upper/lower").string()));
  fs::create_symlink("round.so", deep.dir / "round.so");
  CHECK(has(fault(deep.dir / "round.so"), "cannot read it"));
}

TEST_CASE("A pipe, a folder and a device named like a plugin are refused without waiting", "[host][plugin]") {
  const Deep deep;
  REQUIRE(::mkfifo((deep.dir / "pipe.so").c_str(), 0600) == 0);
  fs::create_directory(deep.dir / "folder.so");
  fs::create_symlink("/dev/zero", deep.dir / "device.so");
  for (const char* name : {"pipe.so", "folder.so", "device.so"}) {
    INFO(name);
    CHECK(fault(deep.dir / name) == "cannot read it: not a regular file");
  }
}
