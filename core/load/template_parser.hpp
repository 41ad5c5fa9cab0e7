#pragma once

#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/model/template.hpp"

namespace leeward {

// The grammar of templates:
//
//   template    := ( text | '{{' | '}}' | placeholder )*
//   placeholder := '{' name step* ( '|' filter )* ( ':' format )? '}'
//   step        := '.' field | '[' index ']' | '[' field ']'
//   filter      := word ( '(' argument ( ',' argument )* ')' )?
//   argument    := a JSON scalar, or a text in single quotes
//   format      := as in Python: [[fill]align][sign][#][0][width][,|_][.precision][type]
//
// A name begins with a letter or '_' and goes on with letters, digits, '_' and '-'; a letter is any character past
// ASCII too. Blanks may stand around '|' and arguments, nowhere else.
//
// '{{' and '}}' are one literal brace each. A '{' that is not followed by a name and then by one of . [ | : } is
// literal, and so is the '}' that closes it: JSON in a prompt stays as it is, however deep ({"a": {"b": 1}} too). What
// does open a placeholder must be right to its end; nothing is taken as text because it could not be understood. The
// one exception is '{name: text}', with a blank after the colon, when that is no format: literal, because prompts are
// full of it.

/// Takes a template apart. Mistakes are appended to `errors`, their column the character in `text`, from 1; what is
/// returned then is not to be rendered. Codes template.syntax, template.unknown_filter, template.format.
[[nodiscard]] Template parse_template(std::string_view text, Errors& errors);

/// The same, with the first mistake as the error.
[[nodiscard]] Result<Template> parse_template(std::string_view text);

/// The same for a string of a spec; mistakes tell their place there. REQUIRES: a string.
[[nodiscard]] Template parse_template(const Json& string, Errors& errors);

/// True if `value` is a string whose final form only a run can tell.
[[nodiscard]] bool is_undecided(const Json& value);

/// True if the text can be the name of a placeholder.
[[nodiscard]] bool is_template_name(std::string_view text) noexcept;

/// Where a character of a decoded string stands in the file. REQUIRES: a string. `character` counts from 1.
[[nodiscard]] Where place_in(const Json& string, int character);

}  // namespace leeward
