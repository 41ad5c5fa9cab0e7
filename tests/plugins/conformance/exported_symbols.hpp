#pragma once

#include <string>
#include <vector>

/// The names that a shared library (ELF, 64 bit) defines for others. Throws std::runtime_error if the file is none.
std::vector<std::string> exported_symbols(const std::string& path);
