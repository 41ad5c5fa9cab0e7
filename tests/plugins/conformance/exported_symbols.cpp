#include "tests/plugins/conformance/exported_symbols.hpp"

#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace {

// Reads a struct out of the file's bytes. Throws std::out_of_range.
template <class T>
T read_at(const std::string& file, std::size_t offset) {
  if (offset + sizeof(T) > file.size()) throw std::out_of_range("the ELF file is cut off");
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(T));
  return value;
}

}  // namespace

std::vector<std::string> exported_symbols(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  if (file.compare(0, 4, ELFMAG) != 0) throw std::runtime_error(path + ": not an ELF file");
  const auto header = read_at<Elf64_Ehdr>(file, 0);
  const auto section = [&](std::size_t i) {
    return read_at<Elf64_Shdr>(file, header.e_shoff + i * header.e_shentsize);
  };
  std::vector<std::string> names;
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr symbols = section(i);
    if (symbols.sh_type != SHT_DYNSYM) continue;
    const std::size_t strings = section(symbols.sh_link).sh_offset;
    for (std::size_t at = 0; at < symbols.sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = read_at<Elf64_Sym>(file, symbols.sh_offset + at);
      if (symbol.st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) != STB_LOCAL)
        names.emplace_back(file.c_str() + strings + symbol.st_name);
    }
  }
  return names;
}
