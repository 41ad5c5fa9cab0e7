#include "host/secret/masked_attempt.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace leeward {
namespace {

std::string masked(const SecretMasker& masker, std::string_view text, Formats formats) {
  std::string out{text};
  masker.mask(out, formats);
  return out;
}

void mask(const SecretMasker& masker, TaskError& error) {
  masker.mask(error.code, Formats::yes);
  masker.mask(error.message, Formats::yes);
  if (auto details = masker.masked_json(error.details, Formats::yes)) error.details = *std::move(details);
}

void mask(const SecretMasker& masker, ModelCall& call) {
  for (std::string* text : {&call.provider, &call.model, &call.response_model, &call.error})
    masker.mask(*text, Formats::yes);
}

void mask(const SecretMasker& masker, Value& value) {
  if (auto json = masker.masked_json(value.json(), Formats::no)) value = Value{*std::move(json)};
}

/// Options and defaults are compared with what people choose: each is masked as a whole text, so that equal ones stay
/// equal.
std::shared_ptr<const InputRequest> masked(const SecretMasker& masker,
                                           const std::shared_ptr<const InputRequest>& asked) {
  auto copy = std::make_shared<InputRequest>(*asked);
  masker.mask(copy->subject, Formats::no);
  masker.mask(copy->body, Formats::no);
  for (auto* list : {&copy->options, &copy->defaults, &copy->respondents}) {
    for (std::string& text : *list) masker.mask(text, Formats::no);
  }
  mask(masker, copy->form);
  return copy;
}

void mask(const SecretMasker& masker, TaskOutcome& outcome) {
  if (outcome.error) mask(masker, *outcome.error);
  for (ModelCall& call : outcome.model_calls) mask(masker, call);
  if (masker.empty()) return;
  mask(masker, outcome.value);
  if (outcome.input) outcome.input = masked(masker, outcome.input);
  if (!outcome.branch) return;
  for (std::string& task_id : *outcome.branch) masker.mask(task_id, Formats::no);
}

}  // namespace

MaskedAttempt::MaskedAttempt(std::shared_ptr<Attempt> inner, TaskCall call, const SecretVault& vault)
    : Attempt(std::move(call), inner->cancel_token(), static_cast<AttemptListener&>(*this)),
      inner_(std::move(inner)),
      vault_(vault) {}

void MaskedAttempt::complete(TaskOutcome outcome) {
  const auto masker = vault_.masker();
  flush(*masker);
  mask(*masker, outcome);
  inner_->complete(std::move(outcome));
}

void MaskedAttempt::on_log(const TaskCall&, LogLevel level, std::string_view message, std::string_view fields_json) {
  const auto masker = vault_.masker();
  std::string text{message};
  {
    const std::lock_guard lock{mutex_};
    masker->mask(text, Formats::yes, &inside_key_);
  }
  const std::optional<std::string> fields = masker->masked_json(fields_json, Formats::yes);
  inner_->listener().on_log(inner_->call(), level, text, fields ? std::string_view{*fields} : fields_json);
}

void MaskedAttempt::on_progress(const TaskCall&, double fraction, std::string_view note) {
  inner_->listener().on_progress(inner_->call(), fraction, masked(*vault_.masker(), note, Formats::yes));
}

bool MaskedAttempt::on_output(const TaskCall&, std::string_view name, std::string_view chunk) {
  const auto masker = vault_.masker();
  const std::string shown_name = masked(*masker, name, Formats::no);
  const std::shared_ptr<Channel> open = channel(shown_name, *masker);
  if (!open) return inner_->listener().on_output(inner_->call(), shown_name, masked(*masker, chunk, Formats::yes));
  const std::lock_guard lock{open->mutex};
  SecretStream next = open->stream;  // whoever is told to slow down brings the same piece again
  next.use(*masker);
  const std::string piece = next.piece(chunk);
  if (!piece.empty() && !inner_->listener().on_output(inner_->call(), shown_name, piece)) return false;
  open->stream = std::move(next);
  return true;
}

/// Null: there are too many.
std::shared_ptr<MaskedAttempt::Channel> MaskedAttempt::channel(std::string_view name, const SecretMasker& masker) {
  const std::lock_guard lock{mutex_};
  const auto found = channels_.find(name);
  if (found != channels_.end()) return found->second;
  if (channels_.size() == kMostChannels) return nullptr;
  return channels_.emplace(name, std::make_shared<Channel>(masker)).first->second;
}

/// The end of the attempt is the end of its output. What a listener does not take then is lost to it.
void MaskedAttempt::flush(const SecretMasker& masker) {
  std::map<std::string, std::shared_ptr<Channel>, std::less<>> channels;
  {
    const std::lock_guard lock{mutex_};
    channels.swap(channels_);
  }
  for (const auto& [name, open] : channels) {
    const std::lock_guard lock{open->mutex};
    open->stream.use(masker);
    const std::string rest = open->stream.piece({}) + open->stream.rest();
    if (!rest.empty()) static_cast<void>(inner_->listener().on_output(inner_->call(), name, rest));
  }
}

}  // namespace leeward
