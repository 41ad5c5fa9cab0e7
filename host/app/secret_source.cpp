#include "host/app/secret_source.hpp"

#include <unistd.h>
#include <utility>

#include <sys/stat.h>

#include "host/app/shell_word.hpp"
#include "host/app/text_file.hpp"

namespace leeward {
namespace {

constexpr std::string_view kEnv = "secret://env/";
constexpr std::string_view kFile = "secret://file/";

/// What is wrong with who owns the file, or who may read or write it; empty if nothing is. A file of root's may be
/// readable by a group: so administrators hand secrets to services.
std::string fault_of(const std::string& path, const TextFile& file) {
  const std::string word = shell_word(path);
  if (file.owner != ::geteuid() && file.owner != 0) {
    return "it belongs to another user, who can change it; mend it: chown " + std::to_string(::geteuid()) + " " + word;
  }
  const mode_t forbidden = S_IRWXO | S_IWGRP | S_IXGRP | (file.owner == 0 ? 0 : S_IRGRP);
  if ((file.mode & forbidden) == 0) return {};
  return "other users may read or write it; mend it: chmod " +
         std::string{file.owner == 0 ? "g-wx,o-rwx " : "go-rwx "} + word;
}

/// A line break at the end of a secret's file is the editor's, not the secret's.
std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

bool SecretSource::is_reference(std::string_view text) noexcept {
  return (text.starts_with(kEnv) && text.size() > kEnv.size()) ||
         (text.starts_with(kFile) && text.size() > kFile.size());
}

std::optional<std::string> SecretSource::variable_of(std::string_view reference) {
  if (!reference.starts_with(kEnv)) return std::nullopt;
  return std::string{reference.substr(kEnv.size())};
}

Result<std::string> SecretSource::resolve(std::string_view reference) const {
  Result<std::string> secret = Error{};
  if (const auto variable = variable_of(reference)) {
    const auto value = lookup(environment_, *variable);
    if (!value) return Error{"secret.unset", "the environment variable " + *variable + " is not set"};
    secret = *value;
  } else {
    std::string path{reference.substr(kFile.size())};
    if (!path.starts_with('/')) path.insert(0, "/");  // secret://file/run/secrets/x, secret://file//run/secrets/x
    secret = read(path);
  }
  if (!secret) return secret;
  if (const Status known = vault_.add(*secret); !known) {
    return Error{known.error().code, std::string{reference} + ": " + known.error().message};
  }
  return secret;
}

Result<std::string> SecretSource::read(const std::string& path) const {
  Result<TextFile> file = read_text_file(path, SecretMasker::kLongestSecret);
  if (!file) return Error{"secret.unreadable", path + ": " + file.error().message};
  const std::string fault = fault_of(path, *file);
  std::string secret = without_line_end(std::move(file->text));
  if (fault.empty()) return secret;
  static_cast<void>(vault_.add(secret));  // it is not used, but neither is it shown
  return Error{"config.secret_permissions", path + ": " + fault};
}

}  // namespace leeward
