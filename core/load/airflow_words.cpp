#include "core/load/airflow_words.hpp"

#include <algorithm>
#include <array>

namespace leeward {

namespace {

struct Word {
  std::string_view airflows;
  std::string_view ours;
};

constexpr std::string_view kNotifiers = "use a notifier under \"on_failure\" or \"on_retry\"";
constexpr std::string_view kOneHost = "every task runs on this host; \"pool\" limits how many do at the same time";
constexpr std::string_view kNoAssets = "there are no assets; a task may run another DAG, or wait for it";
constexpr std::string_view kRetries =
    "use \"retries\", \"retry_delay\" and \"retry_exponential_backoff\"; whether an error is worth a retry the "
    "operator "
    "knows";
constexpr std::string_view kPast = "use \"depends_on_past\" or \"wait_for_downstream\"";
constexpr std::string_view kLimits = "use \"max_active_tis_per_dagrun\", or a \"pool\" for all runs together";
constexpr std::string_view kTimeouts = "use \"execution_timeout\", or the DAG's \"dagrun_timeout\"";
constexpr std::string_view kDoc = "use \"doc\"";
constexpr std::string_view kFilters = "templates have a fixed list of filters, see dags/README.md";
constexpr std::string_view kFiles = "a DAG is its file, as it stands there when a run begins";

constexpr std::array kWords{
    // Of tasks.
    Word{"sla", kTimeouts},
    Word{"email", kNotifiers},
    Word{"email_on_failure", kNotifiers},
    Word{"email_on_retry", kNotifiers},
    Word{"queue", kOneHost},
    Word{"executor", kOneHost},
    Word{"executor_config", kOneHost},
    Word{"resources", kOneHost},
    Word{"run_as_user", "every task runs as the user that the host runs as"},
    Word{"inlets", kNoAssets},
    Word{"outlets", kNoAssets},
    Word{"retry_policy", kRetries},
    Word{"depends_on_previous_tasks", kPast},
    Word{"wait_for_past_depends_before_skipping", kPast},
    Word{"max_active_tis_per_dag", kLimits},
    Word{"task_concurrency", kLimits},
    Word{"on_execute_callback", "use \"on_execute\" with a notifier"},
    Word{"on_success_callback", "use \"on_success\" with a notifier"},
    Word{"on_failure_callback", "use \"on_failure\" with a notifier"},
    Word{"on_retry_callback", "use \"on_retry\" with a notifier"},
    Word{"on_skipped_callback", "use \"on_skipped\" with a notifier"},
    Word{"pre_execute", "use \"on_execute\" with a notifier, or a task upstream"},
    Word{"post_execute", "use \"on_success\" with a notifier, or a task downstream"},
    Word{"task_group", "use \"group\""},
    Word{"task_display_name", kDoc},
    Word{"map_index_template", "an instance is known by its map index"},
    Word{"partial", "what all instances share stands under \"with\""},
    Word{"trigger", "an operator that waits holds no thread by itself"},
    Word{"deferrable", "an operator that waits holds no thread by itself"},
    Word{"python_callable", "use \"operator\": \"callable\", \"with\": {\"callable\": NAME, \"args\": {...}}"},
    Word{"op_args", "use \"with\": {\"args\": {...}}"},
    Word{"op_kwargs", "use \"with\": {\"args\": {...}}"},
    Word{"bash_command", "use \"operator\": \"bash\", \"with\": {\"command\": ...}"},
    // Of DAGs.
    Word{"schedule_interval", "use \"schedule\""},
    Word{"timetable", "use \"schedule\""},
    Word{"timezone", "use \"schedule\": {\"cron\": ..., \"timezone\": ...}"},
    Word{"concurrency", "use \"max_active_tasks\""},
    Word{"fail_stop", "use \"fail_fast\""},
    Word{"deadline", kTimeouts},
    Word{"sla_miss_callback", kTimeouts},
    Word{"task_groups", "use \"groups\""},
    Word{"max_consecutive_failed_dag_runs", "no run is kept from starting because others failed"},
    Word{"is_paused_upon_creation", "without a \"schedule\" a DAG runs only when somebody asks"},
    Word{"render_template_as_native_obj", "a text that is one placeholder always yields the value itself"},
    Word{"template_searchpath", "templates stand in the spec itself"},
    Word{"template_undefined", "a missing name is always a mistake; the filter default(x) makes it none"},
    Word{"jinja_environment_kwargs", kFilters},
    Word{"user_defined_macros", kFilters},
    Word{"user_defined_filters", kFilters},
    Word{"owner_links", "use \"owner\" and \"doc\""},
    Word{"dag_display_name", kDoc},
    Word{"access_control", "who may run what is not the DAG's to say"},
    Word{"auto_register", kFiles},
    Word{"disable_bundle_versioning", kFiles},
    // Of both.
    Word{"doc_md", kDoc},
    Word{"doc_json", kDoc},
    Word{"doc_yaml", kDoc},
    Word{"doc_rst", kDoc},
};

}  // namespace

std::string instead_of_airflows(std::string_view key) {
  const auto found = std::find_if(kWords.begin(), kWords.end(), [&](const Word& word) { return word.airflows == key; });
  if (found == kWords.end()) return {};
  return "; it is Airflow's, and Leeward does not have it: " + std::string{found->ours};
}

}  // namespace leeward
