#include "host/plugin/sealed_copy.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include <sys/mman.h>

#include "host/process/write_all.hpp"

namespace leeward {

Result<UniqueFd> sealed_copy(const PluginFile& file) {
  const auto failed = [&] {
    return Error{"plugin.load", std::string{"cannot load it: "} + std::strerror(errno), {file.path, "", 0, 0}};
  };
  const std::string name = std::filesystem::path{file.path}.filename().string().substr(0, 200);
  UniqueFd copy{::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!copy) return failed();
  if (!write_all(copy.get(), file.bytes)) return failed();
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (::fcntl(copy.get(), F_ADD_SEALS, seals) != 0) return failed();
  return copy;
}

}  // namespace leeward
