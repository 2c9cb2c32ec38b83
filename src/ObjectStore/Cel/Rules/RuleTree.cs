using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Rules;

/// <summary>The rules of a schema and of the schemas below it; branches without rules are left out.</summary>
sealed class RuleTree
{
    RuleTree(Schema schema, IReadOnlyList<SchemaRule> rules)
    {
        Schema = schema;
        Rules = rules;
    }

    public Schema Schema { get; }

    public IReadOnlyList<SchemaRule> Rules { get; }

    public RuleTree? Items { get; private init; }

    public RuleTree? Values { get; private init; }

    public IReadOnlyDictionary<string, RuleTree> Properties { get; private init; } = new Dictionary<string, RuleTree>();

    /// <summary>Null when there are no rules at all.</summary>
    public static RuleTree? Of(Schema schema, bool isRoot = true) =>
        HasRules(schema) && TypeOfSchema.Of(schema, isRoot) is { } type ? Of(schema, type) : null;

    static RuleTree? Of(Schema schema, CelType type)
    {
        var rules = RulesOf(schema).Select(rule => SchemaRule.Compile(rule, type)).ToList();
        var properties = new Dictionary<string, RuleTree>();
        foreach (var (name, property) in schema.Properties)
        {
            if (HasRules(property) && TypeOfProperty(name, property, type) is { } its && Of(property, its) is { } tree)
            {
                properties[name] = tree;
            }
        }

        var made = new RuleTree(schema, rules)
        {
            Items = type.Kind is TypeKind.List && schema.Items is { } items && HasRules(items) ? Of(items, type.Parameters[0]) : null,
            Values = type.Kind is TypeKind.Map && schema.AdditionalProperties is { } values && HasRules(values) ? Of(values, type.Parameters[1]) : null,
            Properties = properties,
        };
        return rules.Count > 0 || made.Items is not null || made.Values is not null || properties.Count > 0 ? made : null;
    }

    static CelType? TypeOfProperty(string name, Schema property, CelType type) =>
        FieldName.Escape(name) is { } field ? type.Fields.GetValueOrDefault(field) : TypeOfSchema.Of(property, property.EmbeddedResource);

    static IEnumerable<JsonObject> RulesOf(Schema schema) => (schema.ValidationRules ?? []).OfType<JsonObject>();

    static bool HasRules(Schema schema) =>
        RulesOf(schema).Any()
        || schema.Properties.Values.Any(HasRules)
        || (schema.Items is { } items && HasRules(items))
        || (schema.AdditionalProperties is { } values && HasRules(values));
}
