#include "host/net/http_parser.hpp"

#include <algorithm>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "core/base/ascii.hpp"

namespace leeward {

namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;
using BeastText = boost::beast::string_view;
using State = HttpParser::State;

namespace {

std::string_view view(BeastText text) { return {text.data(), text.size()}; }

// What Beast calls, for either kind of message.
template <bool is_request>
class Reader final : public http::basic_parser<is_request> {
 public:
  Reader(HttpParser::Limits limits, bool without_body, HttpSink& sink)
      : sink_(sink), head_bytes_left_(limits.head_bytes) {
    this->header_limit(static_cast<std::uint32_t>(limits.head_bytes));
    this->body_limit(limits.body_bytes);
    this->eager(true);
    this->skip(without_body);
  }
  [[nodiscard]] bool started() const noexcept { return started_; }

 private:
  void on_request_impl(http::verb, BeastText method, BeastText target, int, ErrorCode&) override {
    started_ = true;
    head_.method = view(method);
    head_.target = view(target);
  }
  void on_response_impl(int status, BeastText, int, ErrorCode& failure) override {
    started_ = true;
    head_.status = status;
    if (status < 100) failure = http::error::bad_status;
  }
  void on_field_impl(http::field, BeastText name, BeastText value, ErrorCode& failure) override {
    // Beast's own limit is for what it has not used yet: many small fields would pass it for ever.
    const std::size_t size = name.size() + value.size() + 4;
    if (size > head_bytes_left_) {
      failure = http::error::header_limit;
      return;
    }
    head_bytes_left_ -= size;
    if (this->is_header_done()) return;  // trailers: allowed, and of no use to anyone here
    std::string key = to_lower({name.data(), name.size()});
    // Beast takes any coding that ends in "chunked" and leaves the others to us; there is none we could undo.
    if (key == "transfer-encoding" && !boost::beast::iequals(value, "chunked")) {
      failure = http::error::bad_transfer_encoding;
    }
    head_.headers.emplace_back(std::move(key), std::string(view(value)));
  }
  void on_header_impl(ErrorCode&) override {
    head_.keep_alive = this->keep_alive();
    sink_.on_head(std::move(head_));
  }
  void on_body_init_impl(boost::optional<std::uint64_t> const&, ErrorCode&) override {}
  std::size_t on_body_impl(BeastText piece, ErrorCode&) override {
    sink_.on_body(view(piece));
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, BeastText, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastText piece, ErrorCode&) override {
    sink_.on_body(view(piece));
    return piece.size();
  }
  void on_finish_impl(ErrorCode&) override {}

  HttpSink& sink_;
  HttpHead head_;
  std::size_t head_bytes_left_;
  bool started_ = false;
};

State state_of(ErrorCode failure) {
  if (failure == http::error::header_limit) return State::kHeadTooLarge;
  if (failure == http::error::body_limit) return State::kBodyTooLarge;
  if (failure == http::error::partial_message) return State::kTruncated;
  return State::kMalformed;
}

}  // namespace

struct HttpParser::Impl {
  Limits limits;
  std::unique_ptr<Reader<true>> request;
  std::unique_ptr<Reader<false>> answer;
  std::string pending;  // what Beast could not use yet, or what came after the end
  std::string reason;

  State fail(ErrorCode failure) {
    reason = failure.message();
    return state_of(failure);
  }

  template <class R>
  State feed(R& reader, std::string_view bytes) {
    ErrorCode failure;
    const bool joined = !pending.empty();
    if (joined) pending.append(bytes);
    const std::string_view input = joined ? std::string_view(pending) : bytes;
    if (input.empty()) return State::kMore;
    const std::size_t used = reader.put(boost::asio::const_buffer(input.data(), input.size()), failure);
    if (failure && failure != http::error::need_more) return fail(failure);
    if (joined) {
      pending.erase(0, used);
    } else {
      pending.assign(bytes.substr(used));
    }
    if (reader.is_done()) return State::kDone;
    // Beast limits the head only; a chunk's extensions or trailers must not grow for ever either.
    if (pending.size() > limits.head_bytes) return fail(http::error::header_limit);
    return State::kMore;
  }

  template <class R>
  State finish(R& reader) {
    if (!reader.started()) {
      constexpr std::string_view kVersion = "HTTP/1.";
      const std::size_t length = std::min(kVersion.size(), pending.size());
      if (pending.compare(0, length, kVersion.substr(0, length)) != 0) return fail(http::error::bad_version);
      return fail(http::error::partial_message);
    }
    ErrorCode failure;
    reader.put_eof(failure);
    return failure ? fail(failure) : State::kDone;
  }
};

HttpParser::HttpParser(Kind kind, Limits limits, HttpSink& sink) : impl_(std::make_unique<Impl>()) {
  impl_->limits = limits;
  if (kind == Kind::kRequest) {
    impl_->request = std::make_unique<Reader<true>>(limits, false, sink);
  } else {
    impl_->answer = std::make_unique<Reader<false>>(limits, kind == Kind::kAnswerWithoutBody, sink);
  }
}

HttpParser::~HttpParser() = default;

State HttpParser::feed(std::string_view bytes) {
  return impl_->request ? impl_->feed(*impl_->request, bytes) : impl_->feed(*impl_->answer, bytes);
}

State HttpParser::finish() { return impl_->request ? impl_->finish(*impl_->request) : impl_->finish(*impl_->answer); }

std::string_view HttpParser::rest() const noexcept { return impl_->pending; }

const std::string& HttpParser::reason() const noexcept { return impl_->reason; }

}  // namespace leeward
