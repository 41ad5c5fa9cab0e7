#include "host/net/http_client.hpp"

namespace leeward {

std::string_view HttpResponse::header(std::string_view lower_case_name) const noexcept {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

}  // namespace leeward
