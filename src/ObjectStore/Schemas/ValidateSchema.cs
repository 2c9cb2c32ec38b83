using System.Globalization;

namespace Slotwise.ObjectStore.Schemas;

/// <summary>Checks a value against a structural schema, in the words of the API server (kube-openapi's validation).</summary>
public static class ValidateSchema
{
    /// <param name="schema">What is asked for.</param>
    /// <param name="value">What is checked.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="before">What stood there: parts that did not change are not checked.</param>
    public static List<FieldError> Errors(Schema schema, JsonNode? value, string path = "", JsonNode? before = null)
    {
        var errors = new List<FieldError>();
        Check(schema, value, path, errors, before);
        return errors;
    }

    static void Check(Schema schema, JsonNode? value, string path, List<FieldError> errors, JsonNode? before)
    {
        if (before is not null && JsonNode.DeepEquals(value, before))
        {
            return;
        }

        if (value is null)
        {
            if (!schema.Nullable && schema.Type is not SchemaType.Any && !schema.IntOrString)
            {
                errors.Add(FieldError.TypeInvalid(path, "null", $"{In(path)} must be of type {TypeName(schema.Type)}: \"null\""));
            }

            return;
        }

        if (!HasType(schema, value))
        {
            var actual = TypeName(value);
            var expected = schema.IntOrString ? "integer,string" : TypeName(schema.Type);
            errors.Add(FieldError.TypeInvalid(path, actual, $"{In(path)} must be of type {expected}: \"{actual}\""));
            if (schema.Type is SchemaType.Integer && actual == "number")
            {
                errors.Add(Unplaced($"Checked value must be of type integer (default format) in {path}"));
            }

            return;
        }

        CheckEnum(schema, value, path, errors);
        switch (value)
        {
            case JsonObject obj:
                CheckObject(schema, obj, path, errors, before as JsonObject);
                break;
            case JsonArray array:
                CheckArray(schema, array, path, errors, before as JsonArray);
                break;
            default:
                CheckScalar(schema, (JsonValue)value, path, errors);
                break;
        }

        CheckCombinations(schema, value, path, errors);
    }

    static void CheckObject(Schema schema, JsonObject obj, string path, List<FieldError> errors, JsonObject? before)
    {
        foreach (var name in schema.Required)
        {
            if (!obj.ContainsKey(name))
            {
                errors.Add(FieldError.Required(Join(path, name)));
            }
        }

        if (schema.MaxProperties is { } maximum && obj.Count > maximum)
        {
            errors.Add(new FieldError(path, "FieldValueTooMany", $"Too many: {obj.Count}: must have at most {maximum} items"));
        }

        if (schema.MinProperties is { } minimum && obj.Count < minimum)
        {
            errors.Add(FieldError.Invalid(path, obj.Count, $"{In(path)} should have at least {minimum} properties"));
        }

        foreach (var (name, member) in obj)
        {
            if (schema.Member(name) is { } known)
            {
                Check(known, member, Join(path, name), errors, before?[name]);
            }
        }
    }

    static void CheckArray(Schema schema, JsonArray array, string path, List<FieldError> errors, JsonArray? before)
    {
        if (schema.MaxItems is { } maximum && array.Count > maximum)
        {
            errors.Add(FieldError.TooMany(path, array.Count, maximum));
        }

        if (schema.MinItems is { } minimum && array.Count < minimum)
        {
            errors.Add(FieldError.Invalid(path, array.Count, $"{In(path)} should have at least {minimum} items"));
        }

        if (schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                Check(items, array[i], $"{path}[{i}]", errors, schema.Correlated(array[i], before));
            }
        }

        CheckDuplicates(schema, array, path, errors);
    }

    static void CheckDuplicates(Schema schema, JsonArray array, string path, List<FieldError> errors)
    {
        if (schema.ListType is ListType.Atomic && !schema.UniqueItems)
        {
            return;
        }

        var seen = new HashSet<string>();
        for (var i = 0; i < array.Count; i++)
        {
            if (schema.ListType is ListType.Map)
            {
                if (array[i] is JsonObject item && PathElement.KeyOf(schema, item) is { } key && !seen.Add(key.Text))
                {
                    errors.Add(FieldError.Duplicate($"{path}[{i}]", JsonNode.Parse(key.Text[2..])));
                }
            }
            else if (!seen.Add(FieldError.Show(array[i])))
            {
                errors.Add(FieldError.Duplicate($"{path}[{i}]", array[i]));
            }
        }
    }

    static void CheckScalar(Schema schema, JsonValue value, string path, List<FieldError> errors)
    {
        if (value.GetValueKind() == JsonValueKind.String)
        {
            CheckText(schema, value, value.GetValue<string>(), path, errors);
        }
        else if (value.GetValueKind() == JsonValueKind.Number)
        {
            CheckNumber(schema, value, path, errors);
        }
    }

    static void CheckText(Schema schema, JsonValue value, string text, string path, List<FieldError> errors)
    {
        if (schema.MaxLength is { } maximum && Length(text) > maximum)
        {
            errors.Add(FieldError.TooLong(path, maximum));
        }
        else if (schema.MinLength is { } minimum && Length(text) < minimum)
        {
            errors.Add(FieldError.Invalid(path, value, $"{In(path)} should be at least {minimum} chars long"));
        }
        else if (schema.PatternExpression is { } pattern && !pattern.IsMatch(text))
        {
            errors.Add(FieldError.Invalid(path, value, $"{In(path)} should match '{schema.Pattern}'"));
        }

        if (!schema.IntOrString && !TextFormat.IsValid(schema.Format, text))
        {
            errors.Add(new FieldError(path, "FieldValueTypeInvalid", $"Invalid value: {FieldError.Show(value)}: {In(path)} must be of type {schema.Format}: {FieldError.Show(value)}"));
        }
    }

    static void CheckNumber(Schema schema, JsonValue value, string path, List<FieldError> errors)
    {
        if (!decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return;
        }

        if (schema.Maximum is { } maximum && (number > maximum || (schema.ExclusiveMaximum && number == maximum)))
        {
            errors.Add(FieldError.Invalid(path, value, $"{In(path)} should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{maximum}"));
        }

        if (schema.Minimum is { } minimum && (number < minimum || (schema.ExclusiveMinimum && number == minimum)))
        {
            errors.Add(FieldError.Invalid(path, value, $"{In(path)} should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{minimum}"));
        }

        if (schema.MultipleOf is { } factor && factor != 0 && number % factor != 0)
        {
            errors.Add(FieldError.Invalid(path, value, $"{In(path)} should be a multiple of {factor}"));
        }

        if (schema.Format == "int32" && number is < int.MinValue or > int.MaxValue)
        {
            errors.Add(Unplaced($"Checked value must be of type integer with format int32 in {path}"));
        }
    }

    static void CheckEnum(Schema schema, JsonNode value, string path, List<FieldError> errors)
    {
        if (schema.Enum is { } allowed && !allowed.Any(one => JsonNode.DeepEquals(one, value)))
        {
            errors.Add(FieldError.NotSupported(path, value, allowed.Select(one => one is JsonValue { } text && text.GetValueKind() is JsonValueKind.String ? FieldError.Show(one) : $"\"{FieldError.Show(one)}\"")));
        }
    }

    static void CheckCombinations(Schema schema, JsonNode value, string path, List<FieldError> errors)
    {
        if (schema.AnyOf.Count > 0)
        {
            var results = schema.AnyOf.Select(any => Errors(any, value, path)).ToList();
            if (results.TrueForAll(result => result.Count > 0))
            {
                errors.Add(Unplaced($"\"{path}\" must validate at least one schema (anyOf)"));
                errors.AddRange(results[0]);
            }
        }

        if (schema.OneOf.Count > 0)
        {
            var results = schema.OneOf.Select(one => Errors(one, value, path)).ToList();
            var valid = results.Count(result => result.Count == 0);
            if (valid != 1)
            {
                errors.Add(Unplaced($"\"{path}\" must validate one and only one schema (oneOf). Found {(valid == 0 ? "none valid" : $"{valid} valid alternatives")}"));
                errors.AddRange(valid == 0 ? results[0] : []);
            }
        }

        if (schema.AllOf.Count > 0)
        {
            var results = schema.AllOf.Select(all => Errors(all, value, path)).ToList();
            errors.AddRange(results.SelectMany(result => result));
            if (results.Exists(result => result.Count > 0))
            {
                errors.Add(Unplaced($"\"{path}\" must validate all the schemas (allOf){(results.TrueForAll(result => result.Count > 0) ? ". None validated" : "")}"));
            }
        }

        if (schema.Not is { } not && Errors(not, value, path).Count == 0)
        {
            errors.Add(Unplaced($"\"{path}\" must not validate the schema (not)"));
        }
    }

    /// <summary>Some faults the API server ascribes to no field, but names it in the text.</summary>
    static FieldError Unplaced(string message) => new("<nil>", "FieldValueInvalid", $"Invalid value: \"\": {message}");

    static bool HasType(Schema schema, JsonNode value)
    {
        var kind = value.GetValueKind();
        if (schema.IntOrString)
        {
            return kind is JsonValueKind.String || IsInteger(value);
        }

        return schema.Type switch
        {
            SchemaType.Object => kind is JsonValueKind.Object,
            SchemaType.Array => kind is JsonValueKind.Array,
            SchemaType.String => kind is JsonValueKind.String || (schema.Format == "quantity" && kind is JsonValueKind.Number),
            SchemaType.Integer => IsInteger(value),
            SchemaType.Number => kind is JsonValueKind.Number,
            SchemaType.Boolean => kind is JsonValueKind.True or JsonValueKind.False,
            _ => true,
        };
    }

    static bool IsInteger(JsonNode value) =>
        value.GetValueKind() is JsonValueKind.Number
        && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && decimal.Truncate(number) == number;

    static string TypeName(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => IsInteger(value) ? "integer" : "number",
        _ => "boolean",
    };

    internal static string TypeName(SchemaType type) => type switch
    {
        SchemaType.Object => "object",
        SchemaType.Array => "array",
        SchemaType.String => "string",
        SchemaType.Integer => "integer",
        SchemaType.Number => "number",
        SchemaType.Boolean => "boolean",
        _ => "any",
    };

    static string In(string path) => $"{path} in body";

    static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    // The API server counts code points.
    static int Length(string text) => text.EnumerateRunes().Count();
}
