using Slotwise.ObjectStore.Cel.Rules;

namespace Slotwise.ObjectStore.Schemas;

/// <summary>Every check that the schema of a kind makes of an object: values first, then what is said in CEL.</summary>
static class ValidateObject
{
    /// <summary>Faults for which rules in CEL are not asked, since they could not rely on what they read.</summary>
    static readonly HashSet<string> Blocking = ["FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"];

    /// <param name="kind">Of the object.</param>
    /// <param name="obj">As it shall be.</param>
    /// <param name="before">As it is. What a custom object held already is not refused again (since 1.30), even if its schema has become stricter.</param>
    /// <param name="warn">Told what is wrong and was so before.</param>
    public static List<FieldError> Errors(ResourceKind kind, JsonObject obj, JsonObject? before, Action<string>? warn)
    {
        return WithRest(ValidateSchema.Errors(kind.Schema, obj, "", kind.IsCustom ? before : null), kind, obj, before, warn);
    }

    /// <summary>The same when only status is written: of the values, those of status alone are looked at.</summary>
    public static List<FieldError> StatusErrors(ResourceKind kind, JsonObject obj, JsonObject before, Action<string>? warn)
    {
        if (kind.Schema.Member("status") is not { } schema || obj["status"] is not { } status)
        {
            return WithRest([], kind, obj, before, warn);
        }

        if (!kind.IsCustom)
        {
            return ValidateSchema.Errors(schema, status, "status");
        }

        var errors = ValidateSchema.Errors(schema, status, "", before["status"]);
        return WithRest([.. errors.Select(error => error.Path is "" or "<nil>" ? error : error with { Path = $"status.{error.Path}" })], kind, obj, before, warn);
    }

    static List<FieldError> WithRest(List<FieldError> errors, ResourceKind kind, JsonObject obj, JsonObject? before, Action<string>? warn)
    {
        if (kind.IsCustom)
        {
            errors.AddRange(ScaleErrors(kind.Scale, obj));
            EmbeddedResources.Check(kind.Schema, obj, "", errors);
        }

        if (kind.ValidationRules is not { } rules)
        {
            return errors;
        }

        if (errors.Exists(error => Blocking.Contains(error.Reason)))
        {
            errors.Add(new FieldError("<nil>", "FieldValueInvalid", "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"));
        }
        else
        {
            errors.AddRange(ValidateRules.Errors(rules, obj, before, warn ?? (_ => { })));
        }

        return errors;
    }

    /// <summary>What <c>/scale</c> shows must be a number of pods.</summary>
    static IEnumerable<FieldError> ScaleErrors(ScalePaths? scale, JsonObject obj)
    {
        foreach (var path in scale is null ? (string[])[] : [scale.SpecReplicas, scale.StatusReplicas])
        {
            JsonNode? node = obj;
            foreach (var part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
            {
                if (node is not (JsonObject or null))
                {
                    yield return FieldError.Invalid(path, 0, $"{path} accessor error: {Text(node)} is of the type {GoType(node)}, expected map[string]interface{{}}");
                    node = null;
                }

                node = (node as JsonObject)?[part];
            }

            if (node is not null && node.AsNumber() is null)
            {
                yield return FieldError.Invalid(path, 0, $"{path} accessor error: {Text(node)} is of the type {GoType(node)}, expected int64");
            }
            else if (node.AsNumber() is < 0 and var negative)
            {
                yield return FieldError.Invalid(path, negative, "should be a non-negative integer");
            }
            else if (node.AsNumber() is > int.MaxValue and var large)
            {
                yield return FieldError.Invalid(path, large, $"should be less than or equal to {int.MaxValue}");
            }
        }
    }

    static string Text(JsonNode node) => node.AsText() ?? node.ToJsonString();

    static string GoType(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "float64",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "[]interface {}",
        _ => "map[string]interface {}",
    };
}
