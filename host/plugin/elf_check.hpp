#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace leeward {

/// Looks at a file's bytes before the dynamic linker does, because the linker trusts them: a library cut short kills
/// the process with SIGBUS in dlopen, and one for another machine is refused in words that nobody understands. Pure.
///
/// Passing is no promise that the library is sound; failing is a promise that it is not one for this process.

/// Why these bytes cannot be a shared library of this machine; nothing if they may be one.
[[nodiscard]] std::optional<std::string> elf_fault(std::string_view bytes);

/// False if the library cannot export or import a symbol of this name: told without running the library's constructors.
/// REQUIRES: elf_fault(bytes) found nothing.
[[nodiscard]] bool elf_mentions(std::string_view bytes, std::string_view symbol);

}  // namespace leeward
