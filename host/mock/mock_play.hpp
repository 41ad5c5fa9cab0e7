#pragma once

#include <functional>

#include "host/mock/mock_request.hpp"
#include "host/mock/mock_script.hpp"
#include "host/mock/mock_wire.hpp"
#include "host/net/http_server.hpp"

namespace leeward {

/// Queues on `responder` what `reply` says: waits, an answer, a stream in pieces, or the fault that the script wants.
/// `headers` come first; `ending` is called just before the answer's end goes out, never if it hangs. On the server's
/// thread; returns at once.
void play(HttpResponder& responder, const MockReply& reply, const MockRequest& request,
          const MockCompletion& completion, HttpHeaders headers, const std::function<void()>& ending);

}  // namespace leeward
