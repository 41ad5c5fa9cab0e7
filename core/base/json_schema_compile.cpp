#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "core/base/json_schema_node.hpp"
#include "core/base/json_schema_refs.hpp"

namespace leeward {
namespace {

/// Makes SchemaNodes of what the root reaches. Stops at the first mistake; a schema is the work of a programmer, who
/// fixes one thing at a time.
class Compiler {
 public:
  Compiler(JsonSchema::Impl& schema, const JsonSchema* metaschema)
      : schema_(schema), metaschema_(metaschema), refs_(schema.document->root()) {}

  std::optional<Error> run() {
    schema_.root = id_of(schema_.document->root());
    for (SchemaId id = 0; id < schema_.nodes.size() && !error_; ++id) fill(schema_.nodes[id]);
    if (!error_) find_loop();
    return std::move(error_);
  }

 private:
  void fail(const Json& at, std::string message) {
    if (!error_) error_ = Error{"schema.invalid", std::move(message), at.where()};
  }

  /// The number of the subschema; absent keywords give kNoSchema. It is filled later, so that nothing recurses.
  SchemaId id_of(const Json& at) {
    if (!at) return kNoSchema;
    const auto [found, fresh] = ids_.emplace(at.text().data(), static_cast<SchemaId>(schema_.nodes.size()));
    if (fresh) schema_.nodes.emplace_back().at = at;
    return found->second;
  }
  std::vector<SchemaId> ids_of(const Json& array) {
    std::vector<SchemaId> ids;
    for (const Json& element : array) ids.push_back(id_of(element));
    return ids;
  }
  static std::vector<std::string_view> strings_of(const Json& array) {
    std::vector<std::string_view> strings;
    for (const Json& element : array) strings.push_back(element.string());
    return strings;
  }

  std::optional<Regex> regex(const Json& at, std::string_view pattern);
  void fill(SchemaNode& node);
  void fill_reference(SchemaNode& node);
  static void fill_limits(SchemaNode& node);
  void fill_strings(SchemaNode& node);
  void fill_arrays(SchemaNode& node);
  void fill_objects(SchemaNode& node);
  void fill_combinations(SchemaNode& node);
  void find_loop();

  JsonSchema::Impl& schema_;
  const JsonSchema* metaschema_;  ///< null while the metaschema itself is compiled
  SchemaRefs refs_;
  std::map<const char*, SchemaId> ids_;  ///< by where the subschema's text begins
  std::optional<Error> error_;
};

std::optional<Regex> Compiler::regex(const Json& at, std::string_view pattern) {
  auto compiled = Regex::compile(pattern);
  if (compiled) return std::move(compiled).value();
  fail(at, compiled.error().message);
  return std::nullopt;
}

void Compiler::fill(SchemaNode& node) {
  if (node.at.is_boolean()) {
    node.always = node.at.boolean() ? SchemaNode::Always::valid : SchemaNode::Always::invalid;
    return;
  }
  if (node.at["$ref"]) return fill_reference(node);
  node.type = node.at["type"];
  node.enumeration = node.at["enum"];
  node.constant = node.at["const"];
  fill_limits(node);
  fill_strings(node);
  fill_arrays(node);
  fill_objects(node);
  fill_combinations(node);
}

void Compiler::fill_reference(SchemaNode& node) {
  const Json reference = node.at["$ref"];
  const Json target = refs_.resolve(node.at, reference.string());
  if (!target) {
    return fail(reference,
                "the $ref " + json_excerpt(reference.string()) +
                    " leads nowhere; it reaches places in this schema and the draft-07 metaschema, nothing else");
  }
  // Most targets were checked with the whole schema already; one that no keyword names as a schema was not.
  Errors errors;
  if (metaschema_ != nullptr) metaschema_->validate(target, errors);
  if (!errors.empty()) return fail(reference, "the $ref leads to what is no schema: " + to_string(errors.front()));
  node.ref = id_of(target);
}

void Compiler::fill_limits(SchemaNode& node) {
  const Json& at = node.at;
  node.multiple_of = at["multipleOf"];
  node.maximum = at["maximum"];
  node.exclusive_maximum = at["exclusiveMaximum"];
  node.minimum = at["minimum"];
  node.exclusive_minimum = at["exclusiveMinimum"];
  node.max_length = at["maxLength"];
  node.min_length = at["minLength"];
  node.max_items = at["maxItems"];
  node.min_items = at["minItems"];
  node.max_properties = at["maxProperties"];
  node.min_properties = at["minProperties"];
}

void Compiler::fill_strings(SchemaNode& node) {
  node.pattern_text = node.at["pattern"];
  if (node.pattern_text) node.pattern = regex(node.pattern_text, node.pattern_text.string());
  if (const Json format = node.at["format"]) node.format = format_check(format.string());
}

void Compiler::fill_arrays(SchemaNode& node) {
  const Json items = node.at["items"];
  if (items.is_array()) {
    node.tuple = ids_of(items);
    node.additional_items = id_of(node.at["additionalItems"]);
  } else {
    node.items = id_of(items);
  }
  node.contains = id_of(node.at["contains"]);
  node.unique_items = node.at["uniqueItems"] && node.at["uniqueItems"].boolean();
}

void Compiler::fill_objects(SchemaNode& node) {
  node.required = strings_of(node.at["required"]);
  for (const Json& property : node.at["properties"]) node.properties.emplace(property.key(), id_of(property));
  for (const Json& property : node.at["patternProperties"]) {
    if (auto pattern = regex(property, property.key())) {
      node.pattern_properties.emplace_back(std::move(*pattern), id_of(property));
    }
  }
  node.additional_properties = id_of(node.at["additionalProperties"]);
  node.property_names = id_of(node.at["propertyNames"]);
  for (const Json& dependency : node.at["dependencies"]) {
    const bool list = dependency.is_array();
    node.dependencies.push_back({dependency.key(), list ? strings_of(dependency) : std::vector<std::string_view>{},
                                 list ? kNoSchema : id_of(dependency)});
  }
}

void Compiler::fill_combinations(SchemaNode& node) {
  node.all_of = ids_of(node.at["allOf"]);
  node.any_of = ids_of(node.at["anyOf"]);
  node.one_of = ids_of(node.at["oneOf"]);
  node.negated = id_of(node.at["not"]);
  node.condition = id_of(node.at["if"]);
  if (node.condition == kNoSchema) return;
  node.then = id_of(node.at["then"]);
  node.otherwise = id_of(node.at["else"]);
}

/// The subschemas that are applied to the very value the node is applied to.
std::vector<SchemaId> same_value(const SchemaNode& node) {
  std::vector<SchemaId> ids{node.ref, node.negated, node.condition, node.then, node.otherwise};
  for (const auto* list : {&node.all_of, &node.any_of, &node.one_of}) ids.insert(ids.end(), list->begin(), list->end());
  for (const SchemaDependency& dependency : node.dependencies) ids.push_back(dependency.schema);
  std::erase(ids, kNoSchema);
  return ids;
}

/// A schema that reaches itself without going deeper into the value would be applied for ever.
void Compiler::find_loop() {
  enum class Mark : std::uint8_t { fresh, open, done };
  std::vector<Mark> marks(schema_.nodes.size(), Mark::fresh);
  struct Visit {
    SchemaId id;
    std::vector<SchemaId> left;
  };
  for (SchemaId start = 0; start < marks.size(); ++start) {
    if (marks[start] != Mark::fresh) continue;
    std::vector<Visit> path{{start, same_value(schema_.nodes[start])}};
    marks[start] = Mark::open;
    while (!path.empty()) {
      if (path.back().left.empty()) {
        marks[path.back().id] = Mark::done;
        path.pop_back();
        continue;
      }
      const SchemaId next = path.back().left.back();
      path.back().left.pop_back();
      if (marks[next] == Mark::open) {
        return fail(schema_.nodes[next].at,
                    "this schema refers to itself without going deeper into the value; it would never end");
      }
      if (marks[next] == Mark::done) continue;
      marks[next] = Mark::open;
      path.push_back({next, same_value(schema_.nodes[next])});
    }
  }
}

}  // namespace

JsonSchema::JsonSchema(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonSchema::~JsonSchema() = default;
const JsonDocument& JsonSchema::document() const noexcept { return *impl_->document; }

Result<std::shared_ptr<const JsonSchema>> JsonSchema::compile(std::shared_ptr<const JsonDocument> schema) {
  static const std::shared_ptr<const JsonSchema> metaschema = [] {
    auto impl = std::make_unique<Impl>();
    impl->document = draft7_metaschema();
    const auto error = Compiler(*impl, nullptr).run();
    LW_ASSERT(!error, "the metaschema is a schema");
    return std::shared_ptr<const JsonSchema>(new JsonSchema(std::move(impl)));
  }();
  Errors errors;
  metaschema->validate(schema->root(), errors);
  if (!errors.empty()) {
    Error first = std::move(errors.front());
    return Error{"schema.invalid", "this is no draft-07 schema: " + first.message, std::move(first.where)};
  }
  auto impl = std::make_unique<Impl>();
  impl->document = std::move(schema);
  if (auto error = Compiler(*impl, metaschema.get()).run()) return std::move(*error);
  return std::shared_ptr<const JsonSchema>(new JsonSchema(std::move(impl)));
}

}  // namespace leeward
