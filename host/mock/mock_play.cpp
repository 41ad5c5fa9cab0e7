#include "host/mock/mock_play.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace leeward {
namespace {

using std::chrono::milliseconds;

using Ending = std::function<void()>;

// How an answer that was begun stops. One that hangs never ends.
void finish(HttpResponder& responder, MockReply::End end, const Ending& ending) {
  if (end != MockReply::End::hang) responder.then(ending);
  switch (end) {
    case MockReply::End::whole:
    case MockReply::End::cut: responder.end(); break;
    case MockReply::End::close: responder.close(); break;
    case MockReply::End::reset: responder.reset(); break;
    case MockReply::End::hang: responder.hang(); break;
  }
}

void play_body(HttpResponder& responder, const MockReply& reply, int status, HttpHeaders headers, std::string body,
               const Ending& ending) {
  const bool stops = reply.stop_after_bytes && *reply.stop_after_bytes < body.size();
  if (stops) body.resize(*reply.stop_after_bytes);
  if (!stops || reply.end == MockReply::End::cut) {
    responder.then(ending);
    responder.answer(status, std::move(headers), std::move(body));
    return;
  }
  responder.begin(status, std::move(headers));
  if (!body.empty()) responder.piece(std::move(body));
  finish(responder, reply.end, ending);
}

// Writes `bytes` in pieces of at most `size`, as long as `left` allows.
void write(HttpResponder& responder, std::string_view bytes, std::size_t size, std::size_t& left) {
  bytes = bytes.substr(0, left);
  left -= bytes.size();
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size())))
    responder.piece(std::string{bytes.substr(0, size)});
}

void play_stream(HttpResponder& responder, const MockReply& reply, const MockEvents& events, HttpHeaders headers,
                 const Ending& ending) {
  const std::size_t size = reply.write_bytes == 0 ? std::string::npos : reply.write_bytes;
  std::size_t left = reply.stop_after_bytes.value_or(std::string::npos);
  responder.begin(200, std::move(headers));
  std::string together;  // without waits between them, writes may also cut across events
  for (std::size_t i = 0; i < events.events.size(); ++i) {
    const bool text = i >= events.text_begins && i < events.text_ends;
    const std::int64_t delay = !text ? 0 : i == events.text_begins ? reply.first_token_ms : reply.chunk_delay_ms;
    if (delay > 0) {
      write(responder, std::exchange(together, {}), size, left);
      responder.wait(milliseconds{delay});
    }
    if (reply.write_bytes == 0) {
      write(responder, events.events[i], size, left);
    } else {
      together += events.events[i];
    }
  }
  write(responder, together, size, left);
  finish(responder, reply.end, ending);
}

}  // namespace

void play(HttpResponder& responder, const MockReply& reply, const MockRequest& request,
          const MockCompletion& completion, HttpHeaders headers, const Ending& ending) {
  const bool stops = reply.stop_after_bytes || reply.stop_after_chunks;
  if (!stops && reply.end != MockReply::End::whole && reply.end != MockReply::End::cut) {
    finish(responder, reply.end, ending);  // instead of an answer
    return;
  }
  if (reply.raw_body) {
    headers.emplace_back("content-type", reply.content_type);
    play_body(responder, reply, reply.status, std::move(headers), *reply.raw_body, ending);
  } else if (reply.status != 200) {
    headers.emplace_back("content-type", "application/json");
    play_body(responder, reply, reply.status, std::move(headers), reply.error_json, ending);
  } else if (request.stream) {
    headers.emplace_back("content-type", "text/event-stream; charset=utf-8");
    headers.emplace_back("cache-control", "no-cache");
    play_stream(responder, reply, completion_events(completion, request, reply), std::move(headers), ending);
  } else {
    headers.emplace_back("content-type", "application/json");
    play_body(responder, reply, 200, std::move(headers), completion_json(completion, reply.tells_usage), ending);
  }
}

}  // namespace leeward
