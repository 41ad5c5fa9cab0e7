// What a plugin can do wrong, and a little that is right: `mischief` does what its parameter `do` says, on a thread of
// its own; `later` answers by and by, and holds no thread; `lazy` waits until it is told to stop.

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <unistd.h>

#include <leeward/ext/call.h>
#include <leeward/ext/http.h>
#include <leeward/ext/run.h>
#include <leeward/ext/timer.h>
#include <leeward/plugin.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace {

const lw_host* the_host = nullptr;

lw_str lend(const std::string& text) { return {text.data(), text.size()}; }

/// A parameter's JSON text, without the quotes of a string.
std::string param(lw_task* task, const char* name) {
  const lw_buf* value = nullptr;
  if (task->api->param(task, {name, std::strlen(name)}, &value) != LW_OK) return {};
  std::string text{value->data, value->size};
  if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

lw_code say(lw_task* task, const std::string& json) {
  const lw_buf* value = the_host->buf_new(json.data(), json.size());
  const lw_code code = task->api->set_result(task, value);
  the_host->buf_release(value);
  return code;
}

int overflow(volatile char* before, int depth) {
  volatile char frame[65536];
  frame[0] = before == nullptr ? 'x' : before[0];
  return depth > 1'000'000'000 ? frame[0] : overflow(frame, depth + 1) + frame[0];
}

[[noreturn]] void spin() {
  volatile bool for_ever = true;
  while (for_ever) {
  }
  std::abort();
}

void fail() { throw 42; }
void fail_in_noexcept() noexcept { fail(); }

lw_code flood() {
  const std::string line(1023, 'x');
  for (int i = 0; i < 100 * 1024; ++i) std::puts(line.c_str());
  std::fflush(stdout);
  return LW_OK;
}

lw_code words() {
  std::fputs("first words\nthe licence server is down\n", stderr);
  std::abort();
}

/// By the host's log, and of no task.
lw_code chatter() {
  const std::string line(1023, 'x');
  for (int i = 0; i < 10 * 1024; ++i) the_host->log(LW_LOG_WARN, lend("mischief"), lend(line), {nullptr, 0});
  return LW_OK;
}

lw_code change_signals() {
  for (int number = 1; number < 32; ++number) std::signal(number, SIG_IGN);
  return LW_OK;
}

/// A child that outlives whoever made it, if nobody looks after it; its number is the result.
lw_code leave_a_child(lw_task* task) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  return say(task, std::to_string(child));
}

/// A program that nobody's number, session or environment leads to; its number is the result.
lw_code let_get_away(lw_task* task) {
  int pipe[2];
  if (::pipe(pipe) != 0) return LW_FAIL;
  if (::fork() == 0) {
    ::setsid();
    if (::fork() != 0) ::_exit(0);
    const pid_t self = ::getpid();
    if (::setsid() != self || ::write(pipe[1], &self, sizeof self) != sizeof self) ::_exit(1);
    char program[] = "sleep";
    char time[] = "100000";
    char* const words[] = {program, time, nullptr};
    char* const environment[] = {nullptr};
    ::close_range(0, 1023, 0);
    ::execve("/bin/sleep", words, environment);
    ::_exit(1);
  }
  pid_t away = 0;
  return ::read(pipe[0], &away, sizeof away) == sizeof away ? say(task, std::to_string(away)) : LW_FAIL;
}

lw_code use_files() {
  while (::open("/dev/null", O_RDONLY) >= 0) {
  }
  return errno == EMFILE ? LW_OK : LW_FAIL;
}

lw_code use_memory(lw_task* task) {
  constexpr std::size_t kPiece = std::size_t{64} << 20;
  for (std::size_t total = 0; total < std::size_t{100} << 30; total += kPiece) {
    void* piece = std::malloc(kPiece);
    if (piece == nullptr) return say(task, std::to_string(total));
    std::memset(piece, 1, kPiece);
  }
  return LW_FAIL;
}

/// Tells errno of opening `path`: 0 if it can be, for writing if `with` says so.
lw_code open_file(lw_task* task) {
  const int flags = param(task, "with") == "writing" ? O_WRONLY : O_RDONLY;
  return say(task, std::to_string(::open(param(task, "path").c_str(), flags) < 0 ? errno : 0));
}

/// The same of speaking to the Unix socket at `path`.
lw_code speak(lw_task* task) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = param(task, "path");
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const bool spoken = fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  return say(task, std::to_string(spoken ? 0 : errno));
}

/// Some thousand processes, as fast as they come; how many they were is the result.
lw_code bomb(lw_task* task) {
  constexpr int kMost = 3000;
  void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return LW_FAIL;
  auto& made = *new (page) std::atomic<int>{0};
  const pid_t self = ::getpid();
  while (made < kMost) {
    if (::fork() == 0) ++made;
  }
  while (::getpid() != self) ::pause();
  ::sleep(10);  // whoever counts gets the time
  return say(task, std::to_string(made));
}

lw_code change_everything() {
  ::umask(0);
  ::setenv("LEEWARD_MISCHIEF", "was here", 1);
  return ::chdir("/") == 0 ? LW_OK : LW_FAIL;
}

lw_code spy(lw_task* task) {
  const std::string environment = "/proc/" + std::to_string(::getppid()) + "/environ";
  if (::open(environment.c_str(), O_RDONLY) >= 0) return say(task, "\"" + environment + " can be read\"");
  if (std::getenv("LEEWARD_TEST_SECRET") != nullptr) return say(task, "\"the environment is the host's\"");
  if (::kill(::getppid(), SIGTERM) == 0) return say(task, "\"the host can be signalled\"");
  return say(task, "\"nothing\"");
}

/// Speaks to the host behind Leeward's back, on every descriptor there is.
lw_code forge() {
  std::string bytes(4096, '\x7f');
  for (int fd = 3; fd < 64; ++fd) {
    if (::write(fd, bytes.data(), bytes.size()) < 0) continue;
  }
  spin();
}

lw_code report(lw_task* task) {
  for (int i = 0; i < 3; ++i) task->api->log(task, LW_LOG_INFO, lend("line " + std::to_string(i)), {nullptr, 0});
  task->api->progress(task, 0.5, lend("half"));
  return task->api->emit(task, lend("text"), lend("piece"));
}

lw_code stream(lw_task* task) {
  const std::string chunk(1000, 'y');
  int taken = 0;
  while (taken < 20000) {
    const lw_code code = task->api->emit(task, lend("text"), lend(chunk));
    if (code == LW_OK) ++taken;
    if (code != LW_OK && code != LW_AGAIN) return code;
  }
  return say(task, std::to_string(taken));
}

lw_code give_up(lw_task* task) {
  const std::string type = "mischief.reason";
  const std::string message = "not today";
  const std::string details = R"({"attempts":1})";
  const lw_error error{sizeof error, 503, 1500, lend(type), lend(message), lend(details)};
  task->api->set_error(task, &error);
  return LW_RETRY;
}

using Deed = std::function<lw_code(lw_task*)>;

const std::map<std::string, Deed>& deeds() {
  static const std::map<std::string, Deed> all = {
      {"nothing", [](lw_task* t) { return t->api->set_result(t, t->api->params(t)); }},
      {"segv", [](lw_task*) { return static_cast<lw_code>(*static_cast<volatile int*>(nullptr)); }},
      {"abort", [](lw_task*) -> lw_code { std::abort(); }},
      {"exit", [](lw_task*) -> lw_code { std::exit(0); }},
      {"throw", [](lw_task*) -> lw_code { throw 42; }},
      {"throw_noexcept", [](lw_task*) { return fail_in_noexcept(), LW_OK; }},
      {"spin",
       [](lw_task* t) -> lw_code {
         t->api->log(t, LW_LOG_INFO, lend("spins"), {nullptr, 0}), spin();
       }},
      {"overflow", [](lw_task*) { return static_cast<lw_code>(overflow(nullptr, 0)); }},
      {"close", [](lw_task*) -> lw_code { ::close_range(0, 1023, 0), spin(); }},
      {"flood", [](lw_task*) { return flood(); }},
      {"chatter", [](lw_task*) { return chatter(); }},
      {"words", [](lw_task*) { return words(); }},
      {"signals", [](lw_task*) { return change_signals(); }},
      {"child", leave_a_child},
      {"get_away", let_get_away},
      {"files", [](lw_task*) { return use_files(); }},
      {"memory", use_memory},
      {"open", open_file},
      {"speak", speak},
      {"bomb", bomb},
      {"changes", [](lw_task*) { return change_everything(); }},
      {"spy", spy},
      {"forge", [](lw_task*) { return forge(); }},
      {"report", report},
      {"stream", stream},
      {"give_up", give_up},
      {"large", [](lw_task* t) { return say(t, "\"" + std::string((16 << 20) - 2, 'z') + "\""); }},
      {"too_large", [](lw_task* t) { return say(t, "\"" + std::string(16 << 20, 'z') + "\""), LW_OK; }},
      {"no_json", [](lw_task* t) { return say(t, "{\"a\":"), LW_OK; }},
      {"no_utf8", [](lw_task* t) { return say(t, "\"\xff\xfe\""), LW_OK; }},
      {"pid", [](lw_task* t) { return say(t, std::to_string(::getpid())); }},
  };
  return all;
}

lw_code mischief(void*, lw_task* task) {
  const auto deed = deeds().find(param(task, "do"));
  return deed == deeds().end() ? LW_FAIL : deed->second(task);
}

const lw_timer& timer() { return *static_cast<const lw_timer*>(the_host->get_extension(LW_EXT_TIMER)); }

lw_code later(void*, lw_task* task) {
  task->api->hold(task);
  const auto ms = static_cast<std::uint64_t>(std::atoll(param(task, "ms").c_str()));
  const auto done = [](void* arg, lw_code code) {
    auto* held = static_cast<lw_task*>(arg);
    held->api->set_result(held, held->api->params(held));
    held->api->complete(held, code);
  };
  return timer().after(task, ms, done, task) == LW_OK ? LW_DEFERRED : LW_FAIL;
}

/// Calls another operator, `name`, and ends as it does.
lw_code caller(void*, lw_task* task) {
  const auto& service = *static_cast<const lw_call*>(the_host->get_extension(LW_EXT_CALL));
  const std::string name = param(task, "name");
  const std::string params = param(task, "params");
  const lw_call_request request{sizeof request, LW_CALL_OPERATOR, lend(name), lend(params)};
  task->api->hold(task);
  const auto done = [](void* arg, const lw_call_result* result) {
    auto* held = static_cast<lw_task*>(arg);
    if (result->value != nullptr) held->api->set_result(held, result->value);
    if (result->error != nullptr) held->api->set_error(held, result->error);
    held->api->complete(held, result->outcome);
  };
  const lw_code code = service.invoke(task, &request, done, task);
  if (code == LW_OK) return LW_DEFERRED;
  task->api->complete(task, LW_FAIL);
  return LW_FAIL;
}

/// Starts a run as its params say, and ends as the host answers.
lw_code starter(void*, lw_task* task) {
  const auto& service = *static_cast<const lw_run*>(the_host->get_extension(LW_EXT_RUN));
  const lw_buf* params = task->api->params(task);
  task->api->hold(task);
  const auto done = [](void* arg, const lw_run_result* result) {
    auto* held = static_cast<lw_task*>(arg);
    if (result->outcome == LW_OK) say(held, std::string{result->result_json.ptr, result->result_json.len});
    if (result->error != nullptr) held->api->set_error(held, result->error);
    held->api->complete(held, result->outcome);
  };
  if (service.trigger(task, {params->data, params->size}, done, task) == LW_OK) return LW_DEFERRED;
  task->api->complete(task, LW_FAIL);
  return LW_FAIL;
}

/// Asks for a path of connection "c"; the answer's body is the result.
lw_code fetch(void*, lw_task* task) {
  const auto& http = *static_cast<const lw_http*>(the_host->get_extension(LW_EXT_HTTP));
  const std::string url = param(task, "url");
  const std::string connection = param(task, "connection");
  lw_http_request request{};
  request.size = sizeof request;
  request.url = lend(url);
  request.connection_id = lend(connection);
  const lw_http_callbacks callbacks{sizeof callbacks, 0, nullptr,
                                    [](void* arg, const lw_http_response* response) {
                                      auto* held = static_cast<lw_task*>(arg);
                                      if (response->error != nullptr) {
                                        held->api->set_error(held, response->error);
                                        return held->api->complete(held, LW_FAIL);
                                      }
                                      say(held, std::string{response->body.ptr, response->body.len});
                                      held->api->complete(held, LW_OK);
                                    },
                                    task};
  task->api->hold(task);
  if (http.send(task, &request, &callbacks) == LW_OK) return LW_DEFERRED;
  task->api->complete(task, LW_FAIL);
  return LW_FAIL;
}

lw_code create(const lw_operator*, const lw_host* host, lw_str, void**) {
  the_host = host;
  return LW_OK;
}

constexpr const char* kAnything = R"({"type": "object"})";

lw_operator row(const char* name, std::uint32_t flags, lw_code (*execute)(void*, lw_task*)) {
  lw_operator op{};
  op.size = sizeof op;
  op.flags = flags;
  op.name = name;
  op.version = "1.0";
  op.doc = "for tests";
  op.params_schema = kAnything;
  op.create = create;
  op.execute = execute;
  return op;
}

}  // namespace

extern "C" LW_EXPORT const lw_plugin* lw_plugin_entry_v1(void) {
  static const lw_operator operators[] = {
      row("mischief", LW_OP_CONCURRENT, mischief),
      row("later", LW_OP_ASYNC | LW_OP_CONCURRENT, later),
      row("caller", LW_OP_ASYNC | LW_OP_CONCURRENT, caller),
      row("fetch", LW_OP_ASYNC | LW_OP_CONCURRENT, fetch),
      row("noop", LW_OP_INLINE | LW_OP_CONCURRENT,
          [](void*, lw_task* t) { return t->api->set_result(t, t->api->params(t)); }),
      row("starter", LW_OP_ASYNC | LW_OP_CONCURRENT, starter)};
  static const lw_plugin plugin = [] {
    lw_plugin p{};
    p.size = sizeof p;
    p.abi_version = LW_ABI_VERSION;
    p.abi_needs = LW_ABI_VERSION;
    p.name = "mischief";
    p.version = "1.0";
    p.license = "MIT";
    p.doc = "for tests";
    p.operator_count = sizeof operators / sizeof operators[0];
    p.operator_stride = sizeof(lw_operator);
    p.operators = operators;
    return p;
  }();
  return &plugin;
}
