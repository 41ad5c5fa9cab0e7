/// Everything that a C++ operator needs, and the macros that make it a plugin. Start reading here.
///
///     #include <leeward/cpp/operator.hpp>
///
///     LW_FUNCTION(Upper, "text.upper", "1.0.0", "Upper-cases `text`.",
///                 R"({"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}})",
///                 LW_OP_IDEMPOTENT | LW_OP_PURE) {
///       auto text = task.param<std::string>("text");
///       for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
///       task.result(text);
///     }
///     LW_PLUGIN("text", "1.0.0", Upper)
///
/// An operator with settings or state is a class:
///
///     struct Fetch {
///       static constexpr leeward::sdk::Spec spec{"web.fetch", "1.0.0", "Fetches `url`.", kParams, LW_OP_ASYNC};
///       explicit Fetch(std::string_view settings_json);   // optional; throws Error if they are wrong
///       lw_code execute(leeward::sdk::Task task);         // or void: returning is success, throwing Error is not
///     };
///
/// Whatever is thrown ends the attempt and never leaves the plugin: Error as it says, any other exception as LW_RETRY.
#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include <leeward/cpp/deferred.hpp>
#include <leeward/plugin.h>

LW_SDK_BEGIN

/// What an operator says of itself; see lw_operator in plugin.h. Constant text.
struct LW_SDK_TYPE Spec {
  const char* name;
  const char* version;  // "": the plugin's
  const char* doc;
  const char* params_schema;
  std::uint32_t flags = 0;
  const char* output_schema = nullptr;
};

/// What a plugin says of itself, for LW_PLUGIN_WITH.
struct LW_SDK_TYPE PluginSpec {
  const char* name;
  const char* version;
  const char* license = "";      // SPDX id
  const char* doc = "";          // Markdown
  void (*init)() = nullptr;      // once, after loading; may throw Error. No network, no threads
  void (*shutdown)() = nullptr;  // once, before the process ends: stop your threads here
};

namespace detail {

constexpr Spec callable_spec(const char* name, const char* doc, const char* params_schema,
                             const char* output_schema = nullptr) noexcept {
  return {name, "", doc, params_schema, LW_OP_CALLABLE | LW_OP_CONCURRENT, output_schema};
}

template <class Op>
struct Thunk {
  static lw_code create(const lw_operator*, const lw_host* host, lw_str settings_json, void** self) noexcept {
    remember(host);
    return guarded([&](const lw_error& error) { host->set_error(&error); },
                   [&]() -> lw_code {
                     if constexpr (std::is_constructible_v<Op, std::string_view>) {
                       *self = new Op(view(settings_json));
                     } else {
                       (void)settings_json;
                       *self = new Op();
                     }
                     return LW_OK;
                   });
  }

  static void destroy(void* self) noexcept { delete static_cast<Op*>(self); }

  static lw_code execute(void* self, lw_task* task) noexcept {
    Frame frame(task);
    const lw_code outcome = guarded([&](const lw_error& error) { task->api->set_error(task, &error); },
                                    [&]() -> lw_code { return run(*static_cast<Op*>(self), Task(task)); });
    if (!frame.orphaned) return outcome;
    frame.finish_orphan(outcome);
    return LW_DEFERRED;
  }

 private:
  static lw_code run(Op& op, Task task) {
    if constexpr (std::is_void_v<decltype(op.execute(task))>) {
      op.execute(task);
      return LW_OK;
    } else {
      return op.execute(task);
    }
  }
};

template <class Op>
constexpr lw_operator describe(const char* plugin_version) noexcept {
  const Spec& spec = Op::spec;
  return {sizeof(lw_operator),
          spec.flags,
          spec.name,
          spec.version[0] == '\0' ? plugin_version : spec.version,
          spec.doc,
          spec.params_schema,
          spec.output_schema,
          &Thunk<Op>::create,
          &Thunk<Op>::destroy,
          &Thunk<Op>::execute,
          nullptr};
}

inline void run_hook(void (*hook)()) {
  if (hook) hook();
}

/// The constant tables of a plugin. `Description` gives a PluginSpec by its static get().
template <class Description, class... Ops>
struct Tables {
  static constexpr PluginSpec spec = Description::get();
  static constexpr lw_operator operators[] = {describe<Ops>(spec.version)...};

  static lw_code init(const lw_host* host) noexcept {
    remember(host);
    return guarded([&](const lw_error& error) { host->set_error(&error); },
                   []() -> lw_code {
                     run_hook(spec.init);
                     return LW_OK;
                   });
  }
  static void shutdown() noexcept {
    guarded([](const lw_error& error) { host().log(LW_LOG_ERROR, lend(spec.name), error.message, {}); },
            []() -> lw_code {
              run_hook(spec.shutdown);
              return LW_OK;
            });
  }

  // clang-format off
  static constexpr lw_plugin plugin{
      sizeof(lw_plugin), LW_ABI_VERSION, LW_ABI_MAJOR << 16,  // needs no more than version 1.0 of the interface
      sizeof...(Ops), sizeof(lw_operator), 0, operators,
      spec.name, spec.version, spec.license, spec.doc, &Tables::init, &Tables::shutdown, nullptr};
  // clang-format on
};

}  // namespace detail

LW_SDK_END

/// An operator that is one function; the body that follows sees `task`. It has no state, so one instance serves all
/// threads.
#define LW_FUNCTION(ident, name_, version_, doc_, params_schema_, flags_)                              \
  struct ident {                                                                                       \
    static constexpr ::leeward::sdk::Spec spec{name_, version_, doc_, params_schema_,                  \
                                               static_cast<std::uint32_t>(flags_) | LW_OP_CONCURRENT}; \
    void execute(::leeward::sdk::Task task) const;                                                     \
  };                                                                                                   \
  inline void ident::execute([[maybe_unused]] ::leeward::sdk::Task task) const

/// A function for the `callable` operator, found there by its name; the body sees `task`. After the doc comes the
/// schema of its arguments and, if it is known, that of its result.
#define LW_CALLABLE(ident, name_, doc_, ...)                                                                      \
  struct ident {                                                                                                  \
    static constexpr ::leeward::sdk::Spec spec = ::leeward::sdk::detail::callable_spec(name_, doc_, __VA_ARGS__); \
    void execute(::leeward::sdk::Task task) const;                                                                \
  };                                                                                                              \
  inline void ident::execute([[maybe_unused]] ::leeward::sdk::Task task) const

/// The plugin: its name, its version, its operators and callables. Once, in one source file, outside all namespaces.
#define LW_PLUGIN(name_, version_, ...) LW_PLUGIN_WITH((::leeward::sdk::PluginSpec{name_, version_}), __VA_ARGS__)

/// The same from a whole PluginSpec, in parentheses:
///     LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"text", "1.0.0", "MIT", "Text."}), Upper, Lower)
#define LW_PLUGIN_WITH(spec_, ...)                                                    \
  namespace {                                                                         \
  struct LwPluginDescription {                                                        \
    static constexpr ::leeward::sdk::PluginSpec get() noexcept { return spec_; }      \
  };                                                                                  \
  }                                                                                   \
  extern "C" LW_EXPORT const lw_plugin* lw_plugin_entry_v1(void) {                    \
    return &::leeward::sdk::detail::Tables<LwPluginDescription, __VA_ARGS__>::plugin; \
  }
