// An author who compiles without -fvisibility=hidden, and keeps everything of the layer in types of their own, in a
// named namespace: that must not warn. Compiled only; tests/sdk/CMakeLists.txt makes warnings fatal here.
#include <thread>
#include <vector>

#include <leeward/cpp/call.hpp>
#include <leeward/cpp/http.hpp>
#include <leeward/cpp/operator.hpp>
#include <leeward/cpp/text.hpp>
#include <leeward/cpp/timer.hpp>
#include <leeward/cpp/usage.hpp>

namespace author {

using namespace leeward::sdk;

struct Keeps {
  Task task;
  Deferred held;
  CancelHook hook;
  Buf value;
  Error error;
  HttpRequest request;
  HttpResponse response;
  OnHttpDone on_done;
  OnHttpChunk on_chunk;
  Callee callee;
  CallResult result;
  OnCallDone on_called;
  OnTimer on_time;
  ModelCall model_call;
  JsonObject object;
  Spec spec;
  PluginSpec plugin;
  std::vector<Buf> values;
};
struct Fault : Error {
  using Error::Error;
};

struct Waits {
  static constexpr Spec spec{"author.waits", "1.0.0", "Waits.", nullptr, LW_OP_ASYNC};
  lw_code execute(Task task) {
    std::thread([held = task.defer(), last = Buf()]() mutable { held.finish(last ? LW_OK : LW_SKIP); }).detach();
    return LW_DEFERRED;
  }
};

}  // namespace author

LW_PLUGIN("author", "1.0.0", author::Waits)
