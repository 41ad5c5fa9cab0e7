#include "host/plugin/elf_check.hpp"

#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

using namespace leeward;

namespace {

std::string sample() {
  std::ifstream file{LEEWARD_BINARY_DIR "/tests/samples/sample.so", std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("elf_fault accepts a plugin and knows its entry point", "[host][plugin]") {
  const std::string bytes = sample();
  REQUIRE(bytes.size() > 4096);
  CHECK_FALSE(elf_fault(bytes));
  CHECK(elf_mentions(bytes, "lw_plugin_entry_v1"));
  CHECK_FALSE(elf_mentions(bytes, "lw_plugin_entry"));
  CHECK_FALSE(elf_mentions(bytes, "stranger"));
}

TEST_CASE("elf_fault refuses a library cut short at any length", "[host][plugin]") {
  const std::string bytes = sample();
  for (std::size_t length = 0; length < bytes.size(); length += 97) {
    INFO(length);
    CHECK(elf_fault(std::string_view{bytes}.substr(0, length)));
  }
  CHECK(elf_fault(std::string_view{bytes}.substr(0, bytes.size() - 1)));
}

TEST_CASE("elf_fault names what else a file may be", "[host][plugin]") {
  CHECK(*elf_fault("") == "the file is empty");
  CHECK(*elf_fault("#!/bin/sh\n") == "not a shared library (no ELF header)");
  std::string bytes = sample();
  bytes[4] = 1;
  CHECK(elf_fault(bytes)->find("32-bit") != std::string::npos);
  bytes = sample();
  bytes[18] = static_cast<char>(bytes[18] ^ 1);
  CHECK(elf_fault(bytes)->find("another kind of machine") != std::string::npos);
  bytes = sample();
  bytes[16] = 2;  // an executable
  CHECK(elf_fault(bytes)->find("no shared library") != std::string::npos);
}

TEST_CASE("elf_fault reads no byte outside of a header that was scribbled over", "[host][plugin]") {
  const std::string good = sample();
  for (std::size_t at = 0; at < 1024; ++at) {
    for (const char value : {'\x00', '\x7f', '\xff'}) {
      std::string bytes = good;
      bytes[at] = value;
      if (!elf_fault(bytes)) static_cast<void>(elf_mentions(bytes, "lw_plugin_entry_v1"));
    }
  }
  SUCCEED("it came back each time");
}
