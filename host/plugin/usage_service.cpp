// "leeward.usage/1": what a task asked of a model.

#include <utility>

#include "host/plugin/extensions.hpp"
#include "host/plugin/host_task.hpp"

namespace leeward {
namespace {

lw_code add_model_call(lw_task* c_task, const lw_model_call* from) {
  HostTask& task = HostTask::of(c_task);
  if (from == nullptr || !LW_HAS(lw_model_call, from, error_type)) return LW_INVALID;
  ModelCall call;
  call.provider = text_of(from->provider);
  call.model = text_of(from->model);
  call.response_model = text_of(from->response_model);
  call.error = text_of(from->error_type);
  call.http_status = from->http_status;
  call.input_tokens = from->input_tokens;
  call.output_tokens = from->output_tokens;
  call.duration_ms = from->duration_ms;
  task.add_model_calls({std::move(call)});
  return LW_OK;
}

}  // namespace

const lw_usage kUsageService = {sizeof(lw_usage), 0, add_model_call};

}  // namespace leeward
