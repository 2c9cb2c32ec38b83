using Slotwise.ObjectStore.Cel.Rules;

namespace Slotwise.ObjectStore.Schemas.Definitions;

/// <summary>Defaults that the schema itself would refuse.</summary>
static class DefaultFaults
{
    public static List<FieldError> Find(JsonObject schema, string path)
    {
        var faults = new List<FieldError>();
        Visit(schema, path, faults);
        return faults;
    }

    static void Visit(JsonObject json, string path, List<FieldError> faults)
    {
        if (json["default"] is { } value)
        {
            Check(json, value, path, faults);
        }

        if (json.Object("items") is { } items)
        {
            Visit(items, $"{path}.items", faults);
        }

        foreach (var (name, property) in json.Object("properties") ?? [])
        {
            if (property is JsonObject its)
            {
                Visit(its, $"{path}.properties[{name}]", faults);
            }
        }

        if (json.Object("additionalProperties") is { } values)
        {
            Visit(values, $"{path}.additionalProperties", faults);
        }
    }

    static void Check(JsonObject json, JsonNode value, string path, List<FieldError> faults)
    {
        var schema = ReadSchema.From(json);
        var pruned = value.DeepClone();
        if (PruneSchema.Apply(schema, pruned).Count > 0)
        {
            faults.Add(FieldError.Invalid($"{path}.default", value, "must not have unknown fields"));
        }

        var errors = ValidateSchema.Errors(schema, value);
        if (errors.Count == 0 && value is JsonObject obj && RuleTree.Of(schema, isRoot: false) is { } rules)
        {
            errors = ValidateRules.Errors(rules, obj, null, _ => { });
        }

        foreach (var error in errors)
        {
            var at = error.Path is "" or "<nil>" ? $"{path}.default" : $"{path}.default.{error.Path}";
            faults.Add(error with { Path = at });
        }
    }
}
