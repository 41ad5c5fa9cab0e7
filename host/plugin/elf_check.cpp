#include "host/plugin/elf_check.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <vector>

namespace leeward {
namespace {

static_assert(sizeof(void*) == 8, "only 64-bit hosts are built and tested");

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr std::uint16_t kMachine = EM_RISCV;
#else
#error "name this machine's ELF number"
#endif

constexpr unsigned char kByteOrder = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

/// REQUIRES: the range lies within the file. Copies, because the file need not be aligned.
template <class T>
T read_at(std::string_view bytes, std::uint64_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

bool within(std::string_view bytes, std::uint64_t offset, std::uint64_t length) {
  return offset <= bytes.size() && length <= bytes.size() - offset;
}

std::optional<std::string> header_fault(std::string_view bytes) {
  if (bytes.empty()) return "the file is empty";
  if (bytes.substr(0, SELFMAG) != std::string_view{ELFMAG, SELFMAG}) return "not a shared library (no ELF header)";
  if (bytes.size() < sizeof(Elf64_Ehdr)) return "cut short: ends within its ELF header";
  const auto header = read_at<Elf64_Ehdr>(bytes, 0);
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return "a library for 32-bit programs; this is a 64-bit one";
  if (header.e_ident[EI_DATA] != kByteOrder) return "a library of the other byte order";
  if (header.e_ident[EI_VERSION] != EV_CURRENT) return "an ELF file of an unknown version";
  if (header.e_machine != kMachine) {
    return "a library for another kind of machine (ELF machine " + std::to_string(header.e_machine) + ", this one is " +
           std::to_string(kMachine) + ")";
  }
  if (header.e_type != ET_DYN) return "an ELF file, but no shared library";
  return std::nullopt;
}

std::vector<Elf64_Phdr> program_headers(std::string_view bytes) {
  const auto header = read_at<Elf64_Ehdr>(bytes, 0);
  std::vector<Elf64_Phdr> result;
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    result.push_back(read_at<Elf64_Phdr>(bytes, header.e_phoff + i * header.e_phentsize));
  }
  return result;
}

std::optional<std::string> segment_fault(std::string_view bytes, const Elf64_Phdr& segment) {
  if (!within(bytes, segment.p_offset, segment.p_filesz)) return "cut short: a part that it needs lies past its end";
  if (segment.p_type != PT_LOAD) return std::nullopt;
  if (segment.p_filesz > segment.p_memsz) return "damaged: a segment is larger in the file than in memory";
  if (segment.p_memsz > (std::uint64_t{1} << 40) || segment.p_vaddr > (std::uint64_t{1} << 46)) {
    return "damaged: a segment that fits no address space";
  }
  if (!std::has_single_bit(segment.p_align) || (segment.p_vaddr - segment.p_offset) % segment.p_align != 0) {
    return "damaged: a segment is not aligned";
  }
  return std::nullopt;
}

/// Where in the file a memory address of the library comes from.
std::optional<std::uint64_t> offset_of(const std::vector<Elf64_Phdr>& segments, std::uint64_t address) {
  for (const Elf64_Phdr& s : segments) {
    if (s.p_type == PT_LOAD && address >= s.p_vaddr && address - s.p_vaddr < s.p_filesz) {
      return s.p_offset + (address - s.p_vaddr);
    }
  }
  return std::nullopt;
}

/// The dynamic string table: every symbol name that the library exports or imports.
std::optional<std::string_view> dynamic_strings(std::string_view bytes) {
  const std::vector<Elf64_Phdr> segments = program_headers(bytes);
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  for (const Elf64_Phdr& s : segments) {
    if (s.p_type != PT_DYNAMIC) continue;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= s.p_filesz; at += sizeof(Elf64_Dyn)) {
      const auto entry = read_at<Elf64_Dyn>(bytes, s.p_offset + at);
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_STRTAB) address = entry.d_un.d_ptr;
      if (entry.d_tag == DT_STRSZ) size = entry.d_un.d_val;
    }
  }
  const std::optional<std::uint64_t> offset = offset_of(segments, address);
  if (!offset || size == 0 || !within(bytes, *offset, size)) return std::nullopt;
  return bytes.substr(*offset, size);
}

}  // namespace

std::optional<std::string> elf_fault(std::string_view bytes) {
  if (auto fault = header_fault(bytes)) return fault;
  const auto header = read_at<Elf64_Ehdr>(bytes, 0);
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0) return "damaged: it has no program headers";
  if (!within(bytes, header.e_phoff, std::uint64_t{header.e_phnum} * header.e_phentsize)) {
    return "cut short: its program headers lie past its end";
  }
  bool dynamic = false;
  bool loadable = false;
  for (const Elf64_Phdr& segment : program_headers(bytes)) {
    if (auto fault = segment_fault(bytes, segment)) return fault;
    dynamic = dynamic || segment.p_type == PT_DYNAMIC;
    loadable = loadable || segment.p_type == PT_LOAD;
  }
  if (!dynamic || !loadable) return "an ELF file, but no shared library";
  // The section table comes last in the file: a copy that was interrupted lacks at least a piece of it.
  if (header.e_shoff != 0 && !within(bytes, header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize)) {
    return "cut short: its section table lies past its end";
  }
  if (!dynamic_strings(bytes)) return "damaged: it has no table of symbol names";
  return std::nullopt;
}

bool elf_mentions(std::string_view bytes, std::string_view symbol) {
  const std::optional<std::string_view> names = dynamic_strings(bytes);
  if (!names) return false;
  std::string whole{'\0'};
  whole.append(symbol).push_back('\0');
  return names->find(whole) != std::string_view::npos;
}

}  // namespace leeward
