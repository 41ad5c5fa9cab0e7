#include "host/plugin/manifest_codec.hpp"

#include <functional>

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

PluginManifest sample() {
  PluginManifest manifest;
  manifest.name = "sample";
  manifest.version = "1.2.3";
  manifest.license = "MIT";
  manifest.doc = "A sample.\n\n\"Quoted\", 中文.";
  manifest.abi_version = LW_ABI_VERSION;
  manifest.abi_needs = LW_ABI_VERSION;
  PluginManifest::Entry entry;
  entry.info.name = "sample.echo";
  entry.info.version = "2";
  entry.info.doc = "Echoes.";
  entry.flags = LW_OP_PURE | LW_OP_INLINE | LW_OP_CALLABLE | 0x80000000u;
  entry.params_schema = R"({"type": "object"})";
  manifest.entries.push_back(entry);
  return manifest;
}

Result<PluginManifest> read(const std::string& text) {
  const auto document = JsonDocument::parse(text);
  if (!document) return document.error();
  return manifest_of((*document)->root(), "x.so");
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = manifest_json(sample());
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("the sample has no " + from + ": " + text);
  return text.replace(at, from.size(), to);
}

std::string fault(const std::string& text) {
  const auto manifest = read(text);
  return manifest ? "" : manifest.error().message;
}

}  // namespace

TEST_CASE("A manifest written as JSON reads back the same", "[host][plugin]") {
  const auto back = read(manifest_json(sample()));
  REQUIRE(back);
  CHECK(manifest_json(*back) == manifest_json(sample()));
  CHECK(back->doc == sample().doc);
  REQUIRE(back->entries.size() == 1);
  const PluginManifest::Entry& entry = back->entries[0];
  CHECK(entry.info.plugin == "sample");
  CHECK(entry.flags == sample().entries[0].flags);
  CHECK(entry.info.traits.pure);
  CHECK(entry.info.traits.inline_execution);
  CHECK_FALSE(entry.info.traits.async);
  CHECK(entry.info.params_schema != nullptr);
  CHECK(entry.info.output_schema == nullptr);
  CHECK(entry.table == nullptr);
}

TEST_CASE("A manifest that a stranger wrote is checked like a descriptor in memory", "[host][plugin]") {
  CHECK(fault("[]") == "name of the plugin is no text");
  CHECK(fault(with("\"sample\"", "\"sam ple\"")).find("must be 1 to 128 letters") != std::string::npos);
  CHECK(fault(with("\"sample\"", "\"../../etc\"")).find("must be 1 to 128 letters") != std::string::npos);
  CHECK(fault(with("\"sample\"", "\"\"")) == "the plugin's name is missing");
  CHECK(fault(with("\"1.2.3\"", "7")) == "version of the plugin is no text");
  CHECK(fault(with("\"MIT\"", "\"M\\u0000T\"")) == "license of the plugin contains a NUL character");
  CHECK(fault(with("\"sample.echo\"", "\"\\u001b[31m\"")).find("the name of an operator must be") == 0);
  CHECK(fault(with("\"flags\":", "\"flag\":")) == "flags of operator \"sample.echo\" is no number of 32 bits");
  CHECK(fault(with("\"flags\":", "\"flags\":-1,\"no\":")).find("is no number of 32 bits") != std::string::npos);
  CHECK(fault(with("{\\\"type\\\": \\\"object\\\"}", "{\\\"type\\\": 7}")).find("is no JSON Schema") !=
        std::string::npos);
  CHECK(fault(with("{\\\"type\\\": \\\"object\\\"}", "{")).find("is not JSON") != std::string::npos);
  CHECK(fault(with("\"operators\":", "\"operators\":[],\"no\":")) == "it has no operators");
  CHECK(fault(with("\"operators\":", "\"operators\":{},\"no\":")) == "it has no operators");
  CHECK(fault(with("\"Echoes.\"", "\"" + std::string(2 << 20, 'x') + "\"")).find("longer than 1 MiB") !=
        std::string::npos);
}

TEST_CASE("A manifest with too many operators is refused before they are read", "[host][plugin]") {
  std::string many = "[1";
  for (int i = 0; i < 5000; ++i) many += ",1";
  CHECK(fault(with("\"operators\":", "\"operators\":" + many + "],\"no\":")) == "it says it has 5001 operators");
}
