#pragma once

#include <filesystem>
#include <optional>

#include <sys/stat.h>

#include "core/base/result.hpp"

namespace leeward {

/// Who could have written what is about to be loaded, and would so run as this user. Trusted are root, this user, and
/// the owner of the running program, who could have replaced that as well. Code plugin.permissions; the message prints
/// what mends it.

/// Why a file or folder is not trusted by its own owner and permissions.
[[nodiscard]] std::optional<Error> permission_fault(const std::filesystem::path& path, const struct stat& status);

/// Why the folders above it are not trusted, up to the root: whoever may write one can put another in the place of what
/// lies in it. In one with the sticky bit, as /tmp, they cannot. `path` is canonical: no link leads elsewhere.
[[nodiscard]] std::optional<Error> parents_fault(const std::filesystem::path& path);

}  // namespace leeward
