#include "host/observe/attempt_log_writer.hpp"

#include <fstream>
#include <future>
#include <sstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

constexpr Duration kLong = std::chrono::seconds{60};
constexpr Timestamp kAt{1'700'000'000'123'000'000};
const std::string kTime = "2023-11-14T22:13:20.123Z ";

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Written {
  explicit Written(AttemptLogWriter::Limits given = {}) : limits(given) {}
  std::shared_ptr<AttemptLogWriter::File> file(const std::string& task_id, int map_index = -1) {
    return writer.file({"d", "r", task_id, map_index, 1}, "");
  }
  fs::path path(const std::string& task_id) { return attempt_log_path(home.path(), {"d", "r", task_id, -1, 1}); }

  TempDir home;
  AttemptLogWriter::Limits limits;
  std::vector<std::string> troubles;
  std::function<void()> on_trouble = [] {};
  AttemptLogWriter writer{home.path(), limits, [this](const std::string& why) {
                            troubles.push_back(why);
                            on_trouble();
                          }};
};

/// From here until release() the writer takes nothing.
class Stuck {
 public:
  explicit Stuck(AttemptLogWriter& writer) {
    writer.add_work([this, go_on = go_on_.get_future().share()] {
      taken_.set_value();
      go_on.wait();
    });
    taken_.get_future().wait();
  }
  void release() { go_on_.set_value(); }

 private:
  std::promise<void> taken_;
  std::promise<void> go_on_;
};

}  // namespace

TEST_CASE("Each line has its time and level, and what strangers wrote is made printable", "[host][observe]") {
  Written w;
  const auto file = w.writer.file({"d", "r", "t", -1, 1}, "attempt 1 of t, operator x");
  w.writer.add(file, kAt, "INFO", "one\ntwo \x1b[31mred");
  w.writer.add_output(file, kAt, "stdout", "begun");
  w.writer.add_output(file, kAt, "stderr", "oh\n");
  w.writer.add_output(file, kAt, "stdout", " and ended\nnot ended");
  w.writer.end_all({file}, kAt, kLong);
  CHECK(text_of(w.path("t")) == kTime + "INFO   attempt 1 of t, operator x\n" + kTime + "INFO   one\n" + kTime +
                                    "INFO   two \\x1b[31mred\n" + kTime + "OUTPUT [stderr] oh\n" + kTime +
                                    "OUTPUT begun and ended\n" + kTime + "OUTPUT not ended\n");
  struct stat status {};
  REQUIRE(::stat(w.path("t").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(::stat(w.path("t").parent_path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("A line that is put out and logged is written once", "[host][observe]") {
  Written w;
  const auto file = w.file("t");
  w.writer.add_output(file, kAt, "stdout", "a\nb\nb\n");
  for (const char* line : {"a", "b", "c"}) w.writer.add(file, kAt, "INFO", line);
  w.writer.end_all({file}, kAt, kLong);
  CHECK(text_of(w.path("t")) ==
        kTime + "OUTPUT a\n" + kTime + "OUTPUT b\n" + kTime + "OUTPUT b\n" + kTime + "INFO   c\n");
}

TEST_CASE("The log of an attempt ends at its limit with a word, once", "[host][observe]") {
  Written w{{1000}};
  const auto file = w.file("t");
  for (int i = 0; i < 100; ++i) w.writer.add(file, kAt, "INFO", std::string(40, 'x'));
  w.writer.end_all({file}, kAt, kLong);
  for (int i = 0; i < 100; ++i) w.writer.add(file, kAt, "INFO", "more");
  w.writer.end_all({file}, kAt, kLong);
  const std::string text = text_of(w.path("t"));
  CHECK(text.size() < 1200);
  CHECK(text.size() > 900);
  const std::size_t word = text.find("… the rest is left out: the log of an attempt has at most 1000 bytes");
  REQUIRE(word != std::string::npos);
  CHECK(text.find("…", word + 1) == std::string::npos);
  CHECK(text.ends_with("bytes\n"));
}

TEST_CASE("A piece of line breaks on a channel with a huge name makes no more lines than the limit",
          "[host][observe]") {
  Written w;
  const auto file = w.file("t");
  const std::string name(1u << 20, 'c');
  w.writer.add_output(file, kAt, name, std::string(1u << 20, '\n'));  // in full a tebibyte
  w.writer.add(file, kAt, "INFO", std::string(1u << 20, '\n'));
  w.writer.end_all({file}, kAt, kLong);
  const std::string text = text_of(w.path("t"));
  CHECK(text.size() < w.limits.attempt_bytes + 200);
  CHECK(text.starts_with(kTime + "OUTPUT [ccc"));
  CHECK(text.ends_with("… the rest is left out: the log of an attempt has at most 16777216 bytes\n"));
}

TEST_CASE("Lines that were left out for want of room count as dropped where nothing was written", "[host][observe]") {
  Written w{{1000}};
  w.home.write("logs", "a file where a folder should be");
  const auto file = w.file("t");
  w.writer.add(file, kAt, "INFO", std::string(499, '\n'));
  w.writer.end_all({file}, kAt, kLong);
  fs::remove(w.home.path() / "logs");
  w.writer.add(file, kAt, "INFO", "kept");
  w.writer.end_all({file}, kAt, kLong);
  CHECK(text_of(w.path("t")) == kTime + "WARN   … 499 lines dropped\n" + kTime + "INFO   kept\n");
}

TEST_CASE("The name of a channel counts for the queue", "[host][observe]") {
  Written w{{std::uint64_t{16} << 20, 10'000}};
  Stuck stuck{w.writer};
  const auto file = w.file("t");
  for (int i = 0; i < 10; ++i) w.writer.add_output(file, kAt, std::string(6000, 'c'), "x\n");
  w.writer.end_all({file}, kAt, Duration{0});
  stuck.release();
  w.writer.end_all({file}, kAt, kLong);
  const std::string text = text_of(w.path("t"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(text.find("WARN   … 9 lines dropped\n") != std::string::npos);
}

TEST_CASE("A folder that somebody removes is made again", "[host][observe]") {
  Written w;
  const auto file = w.file("t");
  w.writer.add(file, kAt, "INFO", "one");
  std::promise<void> taken;
  w.writer.add_work([&] { taken.set_value(); });
  taken.get_future().wait();
  bool was_there = false;
  std::promise<void> removed;
  w.writer.add_work([&] {  // what comes in a later turn finds the line written, and the file still open
    was_there = fs::remove_all(w.home.path() / "logs") > 0;
    removed.set_value();
  });
  removed.get_future().wait();
  CHECK(was_there);
  w.writer.add(file, kAt, "INFO", "two");
  w.writer.end_all({file}, kAt, kLong);
  CHECK(text_of(w.path("t")).ends_with("INFO   two\n"));
}

TEST_CASE("What cannot be written is counted, told once, and holds nobody up", "[host][observe]") {
  Written w;
  w.home.write("logs", "a file where a folder should be");
  const auto file = w.file("t");
  for (int i = 0; i < 3; ++i) {
    w.writer.add(file, kAt, "INFO", "lost");
    w.writer.end_all({file}, kAt, kLong);
  }
  CHECK(w.troubles == std::vector<std::string>{"Not a directory"});
  fs::remove(w.home.path() / "logs");
  w.writer.add(file, kAt, "INFO", "kept");
  w.writer.end_all({file}, kAt, kLong);
  CHECK(text_of(w.path("t")) == kTime + "WARN   … 3 lines dropped\n" + kTime + "INFO   kept\n");
  CHECK(w.troubles.size() == 1);
}

TEST_CASE("Nothing is written through what somebody put in a log's place", "[host][observe]") {
  Written w;
  const fs::path victim = w.home.write("victim", "mine");
  fs::create_directories(w.path("link").parent_path());
  fs::create_symlink(victim, w.path("link"));
  fs::create_directories(w.path("pipe").parent_path());
  REQUIRE(::mkfifo(w.path("pipe").c_str(), 0600) == 0);
  const auto link = w.file("link");
  const auto pipe = w.file("pipe");
  w.writer.add(link, kAt, "INFO", "x");
  w.writer.add(pipe, kAt, "INFO", "x");
  w.writer.end_all({link, pipe}, kAt, kLong);
  CHECK(text_of(victim) == "mine");
  CHECK(w.troubles.size() == 1);
}

TEST_CASE("A full queue drops lines and says how many, and the writer's slowness is nobody's wait", "[host][observe]") {
  Written w{{std::uint64_t{16} << 20, 10'000}};
  Stuck stuck{w.writer};
  const auto file = w.file("t");
  for (int i = 0; i < 1000; ++i) w.writer.add(file, kAt, "INFO", std::string(72, 'x'));
  w.writer.end_all({file}, kAt, Duration{0});
  stuck.release();
  w.writer.end_all({file}, kAt, kLong);
  const std::string text = text_of(w.path("t"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 51);
  CHECK(text.ends_with("WARN   … 950 lines dropped\n"));
}

TEST_CASE("More attempts than files can be open are written", "[host][observe]") {
  Written w;
  std::vector<std::shared_ptr<AttemptLogWriter::File>> files;
  for (int i = 0; i < 200; ++i) files.push_back(w.file("t", i));
  for (int round = 0; round < 2; ++round) {
    for (const auto& file : files) w.writer.add(file, kAt, "INFO", "line");
  }
  w.writer.end_all(files, kAt, kLong);
  const auto found = attempt_logs_of(w.home.path(), "d", "r");
  CHECK(found.size() == 200);
  for (const AttemptLogEntry& file : found) CHECK(file.bytes == 2 * (kTime.size() + 12));
}
