// A plugin whose one operator does what an operator must not do: which, its parameter `do` says. Straight on the C
// interface, so that nothing between catches it.
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

#include <leeward/plugin.h>
#include <sys/ptrace.h>
#include <sys/stat.h>

namespace {

const lw_host* the_host;

lw_str text(const char* words) { return {words, std::strlen(words)}; }

void set_result(lw_task* task, const std::string& json) {
  const lw_buf* buffer = the_host->buf_new(json.data(), json.size());
  task->api->set_result(task, buffer);
  the_host->buf_release(buffer);
}

std::string param(lw_task* task, const char* name) {
  const lw_buf* value = nullptr;
  if (task->api->param(task, text(name), &value) != LW_OK) return {};
  return {value->data + 1, value->size - 2};  // of a text without escapes
}

void throw_a_number() { throw 42; }
void end_in_noexcept() noexcept { throw_a_number(); }

int deepen(int depth) {
  volatile char frame[65536];
  frame[depth % 65536] = 1;
  return depth < 1'000'000'000 ? deepen(depth + 1) + frame[0] : 0;
}

[[noreturn]] void loop() {
  volatile unsigned turns = 0;
  while (true) turns = turns + 1;
}

[[noreturn]] void ignore_signals() {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) std::signal(number, SIG_IGN);
  while (true) ::pause();
}

void take_memory() {
  constexpr std::size_t kPiece = std::size_t{64} << 20;
  while (true) std::memset(new char[kPiece], 1, kPiece);
}

void open_files(lw_task* task) {
  int opened = 0;
  while (opened < 1'000'000 && ::open("/dev/null", O_RDONLY) >= 0) ++opened;
  set_result(task, std::to_string(opened));
}

void chatter() {
  const std::string line = std::string(1'023, 'x') + "\n";
  for (int i = 0; i < 64 * 1024; ++i) {
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) return;
  }
}

void close_everything() {
  for (int fd = 0; fd < 1'024; ++fd) ::close(fd);
}

void change_surroundings() {
  if (::chdir("/") != 0) return;
  ::umask(0);
  std::setlocale(LC_ALL, "C.UTF-8");
  ::setenv("TZ", "Pacific/Kiritimati", 1);
  ::setenv("PATH", "/nowhere", 1);
}

std::string bytes_of(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string all(1 << 16, '\0');
  const ssize_t n = ::read(fd, all.data(), all.size());
  ::close(fd);
  all.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return all;
}

/// Which of the places where a secret might stand can be read from here, and what holds the word.
void spy(lw_task* task) {
  const std::string parent = "/proc/" + std::to_string(::getppid());
  const std::string word = param(task, "word");
  std::string found;
  for (const std::string& path : {std::string("/proc/self/environ"), parent + "/environ", parent + "/mem",
                                  parent + "/maps", param(task, "file")}) {
    const std::string bytes = bytes_of(path);
    if (bytes.find(word) != std::string::npos) found += path + " holds it; ";
    if (path.rfind(parent, 0) == 0 && !bytes.empty()) found += path + " can be read; ";
  }
  if (::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr) == 0) found += "ptrace; ";
  set_result(task, "\"" + found + "\"");
}

/// Opens a file for reading and writing, as a second copy of a database's library would.
void open_file(lw_task* task) {
  const int fd = ::open(param(task, "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  set_result(task, fd >= 0 ? "\"opened\"" : "\"" + std::string(std::strerror(errno)) + "\"");
}

lw_code execute(void*, lw_task* task) {
  const std::string what = param(task, "do");
  if (what == "throw") throw_a_number();
  if (what == "noexcept") end_in_noexcept();
  if (what == "null") *static_cast<volatile int*>(nullptr) = 1;
  if (what == "stack") return deepen(0) == 0 ? LW_OK : LW_FAIL;
  if (what == "exit") std::exit(0);
  if (what == "loop") loop();
  if (what == "deaf") ignore_signals();
  if (what == "memory") take_memory();
  if (what == "files") open_files(task);
  if (what == "chatter") chatter();
  if (what == "close") close_everything();
  if (what == "surroundings") change_surroundings();
  if (what == "spy") spy(task);
  if (what == "open") open_file(task);
  if (what == "leak") std::memset(std::malloc(10 << 20), 1, 10 << 20);
  if (what == "large") set_result(task, "\"" + std::string(std::size_t{80} << 20, 'x') + "\"");
  if (what == "binary") set_result(task, "\"\xff\xfe\"");
  if (what == "nonsense") set_result(task, "{\"a\": ");
  return LW_OK;
}

lw_code create(const lw_operator*, const lw_host* host, lw_str, void**) {
  the_host = host;
  return LW_OK;
}

const lw_operator kOperators[] = {{sizeof(lw_operator), 0, "bad.do", "1.0.0", "Does what it must not.", nullptr,
                                   nullptr, create, nullptr, execute, nullptr}};
const lw_plugin kPlugin = {
    sizeof(lw_plugin), LW_ABI_VERSION, LW_ABI_VERSION, 1, sizeof(lw_operator), 0, kOperators, "bad", "1.0.0", "MIT", "",
    nullptr,           nullptr,        nullptr};

}  // namespace

extern "C" const lw_plugin* lw_plugin_entry_v1(void) { return &kPlugin; }
