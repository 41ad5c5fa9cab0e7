#pragma once

#include <string>

#include "host/secret/secret_masker.hpp"

namespace leeward {

/// Takes the secrets out of a whole body of `text/event-stream` that reach over several of its events: a model's answer
/// comes in pieces, cut anywhere. What stands at the same place of each event's JSON is read as one text; elements of
/// an array that say their "index" are told apart by it. Data that is no JSON is one text as well. The body stays an
/// event stream, and JSON where it was; one that is no event stream stays what it was. For a body in which secrets were
/// masked that stand in one piece.
void mask_event_stream(const SecretMasker& masker, std::string& body);

}  // namespace leeward
