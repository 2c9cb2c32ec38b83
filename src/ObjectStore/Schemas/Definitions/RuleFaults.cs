using System.Globalization;
using Slotwise.ObjectStore.Cel.Rules;

namespace Slotwise.ObjectStore.Schemas.Definitions;

/// <summary>What is wrong with the rules in CEL at one place of a schema.</summary>
static class RuleFaults
{
    static readonly string[] Reasons = ["FieldValueRequired", "FieldValueForbidden", "FieldValueInvalid", "FieldValueDuplicate"];

    /// <summary>What can be told without knowing what the rules mean.</summary>
    public static void CheckTexts(JsonObject schema, string path, List<FieldError> faults)
    {
        var rules = schema.Array("x-kubernetes-validations");
        for (var i = 0; i < rules?.Count; i++)
        {
            if (rules[i] is JsonObject rule)
            {
                CheckTexts(rule, ReadSchema.From(schema), $"{path}.x-kubernetes-validations[{i}]", faults);
            }
        }
    }

    static void CheckTexts(JsonObject rule, Schema schema, string path, List<FieldError> faults)
    {
        var text = rule.Text("rule") ?? "";
        var message = rule.Text("message") ?? "";
        if (text.Trim().Length == 0)
        {
            faults.Add(FieldError.Required($"{path}.rule", "rule is not specified"));
        }
        else if (message.Length > 0 && message.Trim().Length == 0)
        {
            faults.Add(FieldError.Invalid($"{path}.message", message, "must be non-empty if specified"));
        }
        else if (HasLineBreak(message.Trim()))
        {
            faults.Add(FieldError.Invalid($"{path}.message", message, "must not contain line breaks"));
        }
        else if (HasLineBreak(text.Trim()) && message.Length == 0)
        {
            faults.Add(FieldError.Required($"{path}.message", "message must be specified if rule contains line breaks"));
        }

        if (rule.Text("messageExpression") is { Length: > 0 } expression && expression.Trim().Length == 0)
        {
            faults.Add(FieldError.Required($"{path}.messageExpression", "messageExpression must be non-empty if specified"));
        }

        if (rule.Text("reason") is { } reason && !Reasons.Contains(reason))
        {
            faults.Add(FieldError.NotSupported($"{path}.reason", reason, Reasons.Order(StringComparer.Ordinal).Select(one => $"\"{one}\"")));
        }

        if (rule.Text("fieldPath") is { Length: > 0 } fieldPath)
        {
            if (fieldPath.Trim().Length == 0)
            {
                faults.Add(FieldError.Invalid($"{path}.fieldPath", fieldPath, "must be non-empty if specified"));
            }
            else if (HasLineBreak(fieldPath))
            {
                faults.Add(FieldError.Invalid($"{path}.fieldPath", fieldPath, "must not contain line breaks"));
            }
            else if (!FieldPath.TryRead(fieldPath, schema, out _, out _))
            {
                faults.Add(FieldError.Invalid($"{path}.fieldPath", fieldPath, "must be a valid path"));
            }
        }
    }

    /// <summary>What compiling them brings to light.</summary>
    public static void CheckPrograms(JsonObject json, string path, bool isRoot, string? uncorrelated, long? cardinality, RuleCosts costs, List<FieldError> faults)
    {
        if (TypeOfSchema.Of(ReadSchema.From(json), isRoot) is not { } type)
        {
            faults.Add(new FieldError($"{path}.x-kubernetes-validations", "InternalError", "Internal error: internal error: failed to retrieve type information for x-kubernetes-validations"));
            return;
        }

        var rules = json.Array("x-kubernetes-validations")!;
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i] is not JsonObject given)
            {
                continue;
            }

            var at = $"{path}.x-kubernetes-validations[{i}]";
            var rule = SchemaRule.Compile(given, type);
            if (rule.Fault is { } fault)
            {
                faults.Add(FieldError.Invalid($"{at}.rule", Shown(given), fault));
            }
            else if (rule.Program is { } program)
            {
                faults.AddRange(costs.Add($"{at}.rule", EstimateCost.Of(program.Expression), cardinality ?? TypeOfSchema.MaxCardinality(type)));
            }

            if (rule.MessageFault is { } messageFault)
            {
                faults.Add(FieldError.Invalid($"{at}.messageExpression", Shown(given), messageFault));
            }

            if (rule.UsesOldSelf && uncorrelated is not null)
            {
                faults.Add(FieldError.Invalid($"{at}.rule", rule.Rule, $"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelated}"));
            }
            else if (rule.Program is not null && !rule.UsesOldSelf && rule.OptionalOldSelf is { } optional)
            {
                faults.Add(FieldError.Invalid($"{at}.optionalOldSelf", optional, "may not be set if oldSelf is not used in rule"));
            }
        }
    }

    /// <summary>A rule as the API server has it inside.</summary>
    static JsonObject Shown(JsonObject rule) => new()
    {
        ["Rule"] = rule.Text("rule") ?? "",
        ["Message"] = rule.Text("message") ?? "",
        ["MessageExpression"] = rule.Text("messageExpression") ?? "",
        ["Reason"] = rule.Text("reason"),
        ["FieldPath"] = rule.Text("fieldPath") ?? "",
        ["OptionalOldSelf"] = rule.Flag("optionalOldSelf"),
    };

    static bool HasLineBreak(string text) => text.AsSpan().IndexOfAny('\n', '\r') >= 0;
}

/// <summary>What the rules of one schema may cost at worst, by estimate.</summary>
sealed class RuleCosts
{
    const long RuleLimit = 10_000_000;
    const long SchemaLimit = 100_000_000;
    const string Remedy = "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";

    readonly List<(string Path, double Cost)> _rules = [];

    /// <returns>The fault of a rule that alone costs too much.</returns>
    public IEnumerable<FieldError> Add(string path, double cost, double times)
    {
        _rules.Add((path, cost * times));
        if (cost * times > RuleLimit)
        {
            yield return FieldError.Forbidden(path, $"estimated rule cost exceeds budget by factor of {Factor(cost * times / RuleLimit)} {Remedy}");
        }
    }

    /// <summary>What is wrong when all cost too much together.</summary>
    public IEnumerable<FieldError> Faults(string path)
    {
        var total = _rules.Sum(rule => rule.Cost);
        if (total <= SchemaLimit)
        {
            return [];
        }

        return
        [
            .. _rules.Where(rule => rule.Cost > 0).OrderByDescending(rule => rule.Cost).Take(4)
                .Select(rule => FieldError.Forbidden(rule.Path, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema")),
            FieldError.Forbidden(path, $"x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of {Factor(total / SchemaLimit)} {Remedy}"),
        ];
    }

    static string Factor(double factor) => factor > 100 ? "more than 100x"
        : factor < 1.5 ? string.Create(CultureInfo.InvariantCulture, $"{factor:F6}x")
        : string.Create(CultureInfo.InvariantCulture, $"{factor:F1}x");
}
