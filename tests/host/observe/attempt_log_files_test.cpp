#include "host/observe/attempt_log_files.hpp"

#include <chrono>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

TEST_CASE("An id is one part of a path, whatever a trigger made of it", "[host][observe]") {
  CHECK(path_part("manual__2024-01-01T00:00:00+00:00") == "manual__2024-01-01T00:00:00+00:00");
  CHECK(path_part("..") == "%2E.");
  CHECK(path_part("../../etc/passwd") == "%2E.%2F..%2Fetc%2Fpasswd");
  CHECK(path_part(".hidden") == "%2Ehidden");
  CHECK(path_part("a b\n\xC3\xA9%") == "a%20b%0A%C3%A9%25");
  CHECK(path_part("") == "%");
  const std::string one = path_part(std::string(250, 'x') + "1");
  const std::string other = path_part(std::string(250, 'x') + "2");
  CHECK(one.size() == 200);
  CHECK(one != other);
}

TEST_CASE("The logs of a run are found by instance and try", "[host][observe]") {
  const TempDir home;
  const AttemptLogName name{"d", "r/1", "t", 3, 2};
  CHECK(attempt_log_path(home.path(), name) == home.path() / "logs/d/r%2F1/t.3/2.log");
  CHECK(attempt_log_path(home.path(), {"d", "r", "t", -1, 0}) == home.path() / "logs/d/r/t/callbacks.log");
  CHECK(attempt_logs_of(home.path(), "d", "r/1").empty());
  for (const char* file : {"t.3/2.log", "t.3/10.log", "t.3/callbacks.log", "a/1.log", "a/notes.txt", "a/x1.log"})
    home.write(std::string{"logs/d/r%2F1/"} + file, "12345");
  const auto files = attempt_logs_of(home.path(), "d", "r/1");
  std::vector<std::string> found;
  for (const AttemptLogEntry& file : files) found.push_back(file.instance + " " + std::to_string(file.try_number));
  CHECK(found == std::vector<std::string>{"a 1", "t.3 0", "t.3 2", "t.3 10"});
  CHECK(files[2].path == attempt_log_path(home.path(), name));
  CHECK(files[2].bytes == 5);
}

TEST_CASE("The runs whose logs were written to longest ago lose them first, but for those that go on",
          "[host][observe]") {
  const TempDir home;
  const auto now = fs::file_time_type::clock::now();
  for (int run = 0; run < 5; ++run) {
    const fs::path file =
        home.write("logs/d" + std::to_string(run % 2) + "/r" + std::to_string(run) + "/t/1.log", std::string(100, 'x'));
    fs::last_write_time(file, now - std::chrono::hours{10 - run});
    fs::last_write_time(file.parent_path().parent_path(), now - std::chrono::hours{20});
  }
  const auto keep = [&](const fs::path& folder) { return folder.filename() == "r0"; };
  CHECK(remove_oldest_logs(home.path(), 500, keep) == 0);
  CHECK(remove_oldest_logs(home.path(), 350, keep) == 2);
  CHECK(fs::exists(home.path() / "logs/d0/r0"));
  CHECK_FALSE(fs::exists(home.path() / "logs/d1/r1"));
  CHECK_FALSE(fs::exists(home.path() / "logs/d0/r2"));
  CHECK(fs::exists(home.path() / "logs/d1/r3"));
  CHECK(remove_oldest_logs(home.path(), 0, keep) == 2);
  CHECK_FALSE(fs::exists(home.path() / "logs/d1"));
  CHECK(remove_oldest_logs(home / "none", 0, keep) == 0);
}
