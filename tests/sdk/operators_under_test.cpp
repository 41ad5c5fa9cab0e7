// The plugin that the tests of the C++ layer run: one operator for each thing that can happen.
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <leeward/cpp/call.hpp>
#include <leeward/cpp/flow.hpp>
#include <leeward/cpp/http.hpp>
#include <leeward/cpp/input.hpp>
#include <leeward/cpp/operator.hpp>
#include <leeward/cpp/run.hpp>
#include <leeward/cpp/text.hpp>
#include <leeward/cpp/timer.hpp>
#include <leeward/cpp/usage.hpp>
#include <leeward/cpp/wait.hpp>

namespace {

using namespace leeward::sdk;

constexpr auto kAsync = LW_OP_ASYNC | LW_OP_STREAMS;

LW_FUNCTION(Echo, "test.echo", "2.0.0", "Its parameter `value`, as it is.", nullptr, LW_OP_PURE) {
  task.result_json(std::string(task.param_json("value")));
}
LW_FUNCTION(Text, "test.text", "", "Its parameter `value`, decoded and encoded again.", nullptr, LW_OP_PURE) {
  task.result(task.param<std::string>("value"));
}
LW_FUNCTION(Number, "test.number", "", "Its parameter `value`, a whole number.", nullptr, LW_OP_PURE) {
  task.result(task.param<int>("value", 7));
}
LW_FUNCTION(Reads, "test.reads", "", "Everything that a task can be asked.", nullptr, LW_OP_PURE) {
  task.log(LW_LOG_INFO, "reading", R"({"depth": 1})");
  const Buf connection = task.connection(task.param<std::string>("connection"));
  task.result(std::vector<std::string>{std::string(task.info("task_id")), std::string(task.info("no_such_key")),
                                       task.context<std::string>("greeting"), std::string(connection.view())});
}

// ---- how an attempt can end

LW_FUNCTION(Ends, "test.ends", "", "Ends as its parameter `how` says.", nullptr, LW_OP_STREAMS) {
  const auto how = task.param<std::string>("how");
  if (how == "std") throw std::runtime_error("broken \xFF pipe");
  if (how == "int") throw 42;
  if (how == "fail") throw fail("test.failed", "for good").details(R"({"why": "because"})");
  if (how == "retry") throw retry("test.busy", "too many").http(429).after_ms(20000);
  if (how == "skip") throw skip("nothing to do");
  if (how == "reschedule") throw reschedule(60000, "not yet");
  if (how == "not json") task.result_json("{\"open\": ");
  if (how == "half a character") task.emit("\xC3");
  if (how == "nan") task.result(std::stod("nan"));
  if (how == "cancelled") task.progress(0.5, "half way");
}
struct Strange {
  static constexpr Spec spec{"test.strange", "", "Answers a code that is no outcome.", nullptr};
  lw_code execute(Task) { return 77; }
};
struct Silent {
  static constexpr Spec spec{"test.silent", "", "Fails without a word.", nullptr};
  lw_code execute(Task) { return LW_FAIL; }
};
struct Picky {
  static constexpr Spec spec{"test.picky", "", "Refuses settings without `ok`.", nullptr};
  explicit Picky(std::string_view settings_json) {
    if (!member(settings_json, "ok")) throw fail("test.settings", "settings: 'ok' is missing");
  }
  void execute(Task) {}
};
LW_FUNCTION(Chooses, "test.chooses", "", "Branches to `ids`, if there are any.", nullptr, LW_OP_BRANCHES) {
  const auto ids = task.param<std::vector<std::string>>("ids", {});
  if (!ids.empty()) task.branch(ids);
}
LW_FUNCTION(Leaks, "test.leaks", "", "Keeps a reference that it never gives back.", nullptr, 0) {
  const Buf value = Buf::copy("\"leaked\"");
  host().buf_retain(value.get());
  task.result(value);
}
LW_FUNCTION(Streams, "test.streams", "", "Emits each of `pieces` until it is taken.", nullptr, LW_OP_STREAMS) {
  for (const auto& piece : task.param<std::vector<std::string>>("pieces"))
    while (!task.emit(piece)) task.log(LW_LOG_DEBUG, "slowly");
}

// ---- going on without a thread

struct ElsewhereDone {
  static constexpr Spec spec{"test.elsewhere", "", "Completes from another thread.", nullptr, kAsync};
  ~ElsewhereDone() {
    if (thread_.joinable()) thread_.join();
  }
  lw_code execute(Task task) {
    thread_ = std::thread([deferred = task.defer(), throws = task.param<bool>("throws", false)]() mutable {
      go_on(std::move(deferred), [throws](Deferred& held) {
        if (throws) throw fail("test.thrown", "on a thread of its own");
        held.task().result("elsewhere");
      });
    });
    if (task.param<bool>("before_return", false)) thread_.join();
    return LW_DEFERRED;
  }

 private:
  std::thread thread_;
};
struct Drops {
  static constexpr Spec spec{"test.drops", "", "Lets go of its deferred task, in one way or another.", nullptr, kAsync};
  lw_code execute(Task task) {
    const auto how = task.param<std::string>("how", "plainly");
    try {
      const Deferred deferred = task.defer();
      if (how != "plainly") throw fail("test.thrown", "while it held the task");
    } catch (const Error&) {
      if (how == "throwing") throw;  // else it goes on as if nothing had happened
    }
    return LW_DEFERRED;
  }
};
struct ForgetsToHold {
  static constexpr Spec spec{"test.forgets_to_hold", "", "Answers LW_DEFERRED and holds nothing.", nullptr, kAsync};
  lw_code execute(Task) { return LW_DEFERRED; }
};
struct CompletesTwice {
  static constexpr Spec spec{"test.completes_twice", "", "Pays one hold back twice, and talks on.", nullptr, kAsync};
  lw_code execute(Task task) {
    task.raw()->api->hold(task.raw());
    task.raw()->api->complete(task.raw(), LW_OK);
    task.raw()->api->complete(task.raw(), LW_FAIL);
    task.emit("too late");
    return LW_DEFERRED;
  }
};
struct Hangs {
  static constexpr Spec spec{"test.hangs", "", "Ends only when it is cancelled.", nullptr, kAsync};
  lw_code execute(Task task) {
    waiting_ = std::make_unique<Deferred>(task.defer());
    waiting_->on_cancel([this] {
      waiting_->task().log(LW_LOG_INFO, "told to stop");
      waiting_->finish(cancelled());
    });
    return LW_DEFERRED;
  }

 private:
  std::unique_ptr<Deferred> waiting_;
};
struct NeverEnds {
  static constexpr Spec spec{"test.never_ends", "", "Holds its task for as long as it lives.", nullptr, kAsync};
  lw_code execute(Task task) {
    task.raw()->api->hold(task.raw());
    return LW_DEFERRED;
  }
};
struct Blocks {
  static constexpr Spec spec{"test.blocks", "", "Waits on its thread until the cancel callback wakes it.", nullptr,
                             LW_OP_STREAMS};
  void execute(Task task) {
    std::mutex mutex;
    std::condition_variable woken;
    bool stop = false;
    const CancelHook hook = task.on_cancel([&] {
      const std::lock_guard lock(mutex);
      stop = true;
      woken.notify_all();
    });
    task.emit("waiting");
    std::unique_lock lock(mutex);
    woken.wait(lock, [&] { return stop; });
    task.stop_if_cancelled();
  }
};

// ---- the services

struct Fetches {
  static constexpr Spec spec{"test.fetches", "", "Gets `url`, streamed if `streams`.", nullptr, kAsync};
  lw_code execute(Task task) {
    HttpRequest request;
    request.connection = task.param<std::string>("connection", "web");
    request.url = task.param<std::string>("url", "/");
    request.headers_json = task.param<std::string>("headers", "");
    OnHttpChunk on_chunk;
    if (task.param<bool>("streams", false)) {
      on_chunk = [rest = std::string()](Task streaming, std::string_view piece) mutable {
        if (piece == "boom") throw fail("test.chunk", "a piece that nobody can bear");
        rest += piece;
        const std::string whole(whole_characters(rest));
        rest.erase(0, whole.size());
        if (!whole.empty()) streaming.emit(whole);
      };
    }
    return send(
        task.defer(), request,
        [](Deferred& deferred, const HttpResponse& response) {
          response.throw_if_broken();
          if (response.status == 429) {
            const auto seconds = response.header("retry-after");
            throw retry("test.limited", "slow down").http(429).after_ms(1000 * read_json<int>(seconds.value_or("1")));
          }
          add_model_call(deferred.task(), {"openai", "gpt-4", "gpt-4-0613", "", response.status, 3, 5, 12});
          deferred.task().result(std::string(response.body));
        },
        std::move(on_chunk));
  }
};
struct Waits {
  static constexpr Spec spec{"test.waits", "", "Waits `ms`, `times` times over.", nullptr, kAsync};
  lw_code execute(Task task) { return wait(task.defer(), task.param<int>("times", 1)); }

 private:
  static lw_code wait(Deferred deferred, int times) {
    const auto ms = deferred.task().param<std::uint64_t>("ms", 1000);
    return after(std::move(deferred), ms, [times](Deferred& woken) {
      if (woken.task().param<bool>("throws", false)) throw retry("test.thrown", "from a timer");
      if (times > 1) {
        wait(std::move(woken), times - 1);
      } else {
        woken.task().result("awake");
      }
    });
  }
};
struct Calls {
  static constexpr Spec spec{"test.calls", "", "Calls `name` with `args` and adds to its answer.", nullptr, kAsync};
  lw_code execute(Task task) {
    const Callee callee = task.param<bool>("callable", false) ? Callee::callable_named(task.param<std::string>("name"))
                                                              : Callee::operator_named(task.param<std::string>("name"));
    return call(task.defer(), callee, task.param_json("args"), [](Deferred& deferred, const CallResult& result) {
      result.throw_if_failed();
      deferred.task().result(result.value());
    });
  }
};
LW_FUNCTION(Renders, "test.renders", "", "Renders `template` if `if` holds.", nullptr, 0) {
  if (evaluate(task, task.param_json("if")))
    task.result(render(task, task.param<std::string>("template"), task.param_json("variables")));
}
LW_FUNCTION(Shortens, "test.shortens", "", "Skips what lies downstream as `which` says, then ends.", nullptr, 0) {
  skip_downstream(task, static_cast<Downstream>(task.param<int>("which")));
  if (task.param<bool>("fails", false)) throw fail("test.failed", "after it chose");
}
LW_FUNCTION(Asks, "test.asks", "", "Asks `request` until there is an answer, which is the result.", nullptr, 0) {
  const auto said = answer(task);
  if (!said) throw ask(task, task.param_json("request"));
  task.result_json(std::string(*said));
}
LW_FUNCTION(Looks, "test.looks", "", "How long it has been looking, and how often.", nullptr, 0) {
  task.result(std::vector<std::int64_t>{waited_ms(task), reschedules(task)});
}
struct Triggers {
  static constexpr Spec spec{"test.triggers", "", "Starts the run of `request`, or looks for that of `query`.", nullptr,
                             kAsync};
  lw_code execute(Task task) {
    if (const auto query = task.find_param("query")) {
      task.result_json(std::string(run_states(task, *query).view()));
      return LW_OK;
    }
    return trigger_run(task.defer(), task.param_json("request"), [](Deferred& deferred, const RunResult& run) {
      run.throw_if_failed();
      deferred.task().result_json(std::string(run.json()));
    });
  }
};
LW_CALLABLE(Double, "test.double", "Twice `n`.", R"({"type": "object", "required": ["n"]})") {
  task.result(2 * task.param<int>("n"));
}

}  // namespace

LW_PLUGIN_WITH((PluginSpec{"test", "1.2.3", "MIT", "What can happen."}), Echo, Text, Number, Reads, Ends, Strange,
               Silent, Picky, Chooses, Leaks, Streams, ElsewhereDone, Drops, ForgetsToHold, CompletesTwice, Hangs,
               NeverEnds, Blocks, Fetches, Waits, Calls, Renders, Shortens, Asks, Looks, Triggers, Double)
