#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <leeward/cpp/operator.hpp>

#include "chain.hpp"
#include "params_schema.hpp"

namespace {

namespace sdk = leeward::sdk;

struct Llm {
  static constexpr sdk::Spec spec{"llm",
                                  "",
                                  "Asks a language model; the result is its answer, as text.",
                                  llm::kParamsSchema,
                                  LW_OP_ASYNC | LW_OP_CONCURRENT | LW_OP_STREAMS,
                                  R"({"type": "string"})"};

  lw_code execute(sdk::Task task) const {
    const auto params = llm::parse_json(task.params());
    if (!params) throw sdk::fail("llm.invalid_params", "the parameters are no JSON object that could be sent on");
    std::string id = llm::text_member(*params, "connection");
    if (id.empty()) id = llm::kDefaultConnection;
    const sdk::Buf connection = task.connection(id);
    auto settings = llm::read_settings(*params, llm::parse_json(connection.view()).value_or(llm::Json::object()));
    if (const auto* wrong = std::get_if<std::string>(&settings)) {
      throw sdk::fail("llm.unsupported", "connection '" + id + "': " + *wrong);
    }
    return std::make_shared<llm::Chain>(std::get<llm::Settings>(std::move(settings)), task)->ask(task.defer());
  }
};

}  // namespace

LW_PLUGIN_WITH((leeward::sdk::PluginSpec{"llm", "1.0.0", "MIT", "Language models over OpenAI's chat protocol."}), Llm)
