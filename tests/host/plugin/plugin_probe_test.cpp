#include "host/plugin/plugin_probe.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

PluginProbe::Options with_the_program() {
  PluginProbe::Options options;
  options.program = LEEWARD_BINARY_DIR "/bin/leeward";
  options.time_limit = 60s;  // a busy machine is no hanging plugin
  return options;
}

PluginFile sample(const std::string& name) {
  auto file = PluginFile::read(std::string{LEEWARD_BINARY_DIR "/tests/samples/"} + name + ".so");
  if (!file) throw std::runtime_error(to_string(file.error()));
  return std::move(file).value();
}

Result<PluginManifest> probe(const std::string& name, const PluginProbe::Options& options = with_the_program()) {
  return PluginProbe{options}.manifest_of(sample(name));
}

Error refusal(const std::string& name, const PluginProbe::Options& options = with_the_program()) {
  auto manifest = probe(name, options);
  return manifest ? Error{"", "it was not refused"} : std::move(manifest).error();
}

}  // namespace

TEST_CASE("A probe tells what a plugin says of itself", "[host][plugin]") {
  const auto manifest = probe("sample");
  if (!manifest) FAIL(to_string(manifest.error()));
  CHECK(manifest->name == "sample");
  CHECK(manifest->version == "1.2.3");
  CHECK(manifest->license == "MIT");
  CHECK(manifest->abi_version == LW_ABI_VERSION);
  REQUIRE(manifest->entries.size() == 1);
  CHECK(manifest->entries[0].info.name == "sample.echo");
  CHECK(manifest->entries[0].info.traits.inline_execution);
  CHECK(manifest->entries[0].params_schema == R"({"type": "object"})");
}

TEST_CASE("A library whose constructor ends the process is refused with how it did", "[host][plugin]") {
  const Error exits = refusal("hostile/sample_exits");
  CHECK(exits.code == "plugin.crashed");
  CHECK(exits.message == "loading it ended the process that did, which exited with status 0");
  CHECK(exits.where.file.find("sample_exits.so") != std::string::npos);
  CHECK(refusal("hostile/sample_segv").message.find("which was killed by SIGSEGV") != std::string::npos);
  CHECK(refusal("hostile/sample_complains").message.find("killed by SIGABRT: the licence server is down") !=
        std::string::npos);
}

TEST_CASE("A library whose constructor never ends is refused when its time is up", "[host][plugin]") {
  PluginProbe::Options options = with_the_program();
  options.time_limit = 100ms;
  const Error hangs = refusal("hostile/sample_hangs", options);
  CHECK(hangs.code == "plugin.hung");
  CHECK(hangs.message == "loading it in a process of its own did not end within 100 ms");
}

TEST_CASE("What a library prints does not disturb what is read of it", "[host][plugin]") {
  CHECK(probe("hostile/sample_prints"));
  const Error forges = refusal("hostile/sample_forges");
  CHECK(forges.code == "plugin.bad_answer");
  CHECK(forges.message.find("gave no sense") != std::string::npos);
}

TEST_CASE("A library's constructor neither writes files nor signals the host", "[host][plugin]") {
  const auto spies = probe("hostile/sample_spies");
  if (!spies && spies.error().code == "plugin.crashed") WARN("SKIP: this kernel confines nobody");
  CHECK(::access("/leeward-was-here", F_OK) != 0);
}

TEST_CASE("Faults of a descriptor are told in the words of the process that saw them", "[host][plugin]") {
  CHECK(refusal("sample_too_new").message ==
        "it needs plugin interface 1.7; this leeward has 1.1: a newer leeward is needed");
  CHECK(refusal("sample_abi_0").message == "it was built for plugin interface 0.0; this leeward has 1.1");
  CHECK(refusal("sample_abi_max").message.find("it needs plugin interface 65535.65535; this leeward has 1.1") == 0);
  CHECK(refusal("sample_null").message == "its entry point returned nothing");
  CHECK(refusal("sample_bad_stride").code == "plugin.bad_descriptor");
  CHECK(refusal("sample_bad_schema").code == "plugin.bad_descriptor");
}

TEST_CASE("A library that lacks a function is refused when it is loaded, not when it is called", "[host][plugin]") {
  const Error undefined = refusal("sample_undefined");
  CHECK(undefined.code == "plugin.load");
  CHECK(undefined.message.find("a_function_that_nobody_has") != std::string::npos);
  CHECK(undefined.message.find("sample_undefined.so") != std::string::npos);
}

TEST_CASE("A probe that cannot be started is no fault of the plugin", "[host][plugin]") {
  PluginProbe::Options options = with_the_program();
  options.program = "/nonexistent/leeward";
  CHECK(refusal("sample", options).code == "process.start");
}
