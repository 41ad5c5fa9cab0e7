#pragma once

#include "core/base/json.hpp"

namespace leeward {

/// For who brings a DAG from Airflow: texts of tasks and groups in which a Jinja template was left, `{{ ds }}` or
/// `{% if %}`. Here both are text, which is no mistake, and yet seldom what was meant. `spec` is the DAG's object. Code
/// note.airflow_template.
[[nodiscard]] Errors notes_on_airflow_templates(const Json& spec);

}  // namespace leeward
