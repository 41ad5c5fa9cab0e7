#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace leeward {

/// What a frame says. README.md has the whole conversation. Values are never given a second meaning: the two ends are
/// one program, and kProtocolVersion is checked all the same.
enum class FrameType : std::uint16_t {
  // From the host. The id: of an attempt, unless it says otherwise.
  hello = 1,   ///< who is there; first of all
  start,       ///< an attempt
  cancel,      ///< please stop
  taken,       ///< so many bytes of streamed output were taken; id 0
  reply,       ///< to a question, by the request's id
  http_chunk,  ///< a piece of an answer's body, by the request's id
  http_done,   ///< the answer, by the request's id
  called,      ///< how the callee ended, by the request's id
  triggered,   ///< what became of the run, by the request's id
  stop,        ///< end yourself; id 0
  // From the runner.
  ready = 64,      ///< the plugin is loaded; id 0
  refused,         ///< it is not, and why; id 0
  completed,       ///< how an attempt ended
  deferred,        ///< it holds no thread any more
  log,             ///< a line; id 0: of no attempt
  progress,        ///< how far it is
  output,          ///< a piece of streamed output
  ask_connection,  ///< a question, by a new request's id; a reply follows
  ask_operator,    ///< a question
  ask_states,      ///< a question
  http,            ///< a request; a reply follows, and if that says yes, chunks and one http_done
  call,            ///< of another operator; one `called` follows
  trigger,         ///< of a run; one `triggered` follows
  drop,            ///< a request is not needed any more; its end still follows
};

struct FrameHeader {
  std::uint32_t size = 0;  ///< of the body
  FrameType type{};
  std::uint16_t reserved = 0;
  std::uint64_t id = 0;
};
static_assert(sizeof(FrameHeader) == 16, "both ends write it as it lies in memory");

struct Frame {
  FrameHeader header;
  std::shared_ptr<const std::string> body;
};

constexpr std::uint32_t kProtocolVersion = 1;
/// Of a body. A result may have 16 MiB; the body of a request, or params and context together, what is left.
constexpr std::size_t kMaxFrameBytes = std::size_t{64} << 20;
/// That one end keeps for another that does not read: more ends the conversation.
constexpr std::size_t kMaxBacklogBytes = std::size_t{512} << 20;
/// Log lines and progress are dropped while more than this waits to be sent.
constexpr std::size_t kChatterBacklogBytes = std::size_t{4} << 20;
/// Streamed output on its way that the host has not taken yet, by output_cost().
constexpr std::size_t kOutputWindowBytes = std::size_t{4} << 20;
/// Of the name of a channel of streamed output, as in the host itself.
constexpr std::size_t kMaxChannelBytes = 128;
/// What one piece of streamed output counts for, however small it is.
constexpr std::size_t output_cost(std::size_t channel_bytes, std::size_t chunk_bytes) noexcept {
  return channel_bytes + chunk_bytes + 128;
}
/// Of one result, as in the host itself.
constexpr std::size_t kMaxResultBytes = std::size_t{16} << 20;
/// Of one log line, one piece of output, one message of an error.
constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20;

}  // namespace leeward
