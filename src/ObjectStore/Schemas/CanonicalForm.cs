namespace Slotwise.ObjectStore.Schemas;

/// <summary>
/// Writes an object of a built-in kind as Kubernetes gives it back after reading it into its Go types: nulls, empty lists, maps and
/// texts are left out, and quantities are in their canonical form. A client that compares what it applied with what is
/// stored must cope with that, so it has to be so here too.
/// </summary>
static class CanonicalForm
{
    public static void Apply(Schema schema, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject obj:
                ApplyTo(schema, obj);
                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                {
                    if (Quantity(items, array[i]) is { } canonical)
                    {
                        array[i] = canonical;
                    }

                    Apply(items, array[i]);
                }

                break;
        }
    }

    static void ApplyTo(Schema schema, JsonObject obj)
    {
        foreach (var (name, member) in obj.ToList())
        {
            if (schema.Member(name) is not { PreserveUnknownFields: false } known)
            {
                continue;
            }

            if (schema.Properties.ContainsKey(name) && IsOmitted(schema, name, known, member))
            {
                obj.Remove(name);
            }
            else if (Quantity(known, member) is { } canonical)
            {
                obj[name] = canonical;
            }
            else
            {
                Apply(known, member);
            }
        }
    }

    static bool IsOmitted(Schema schema, string name, Schema known, JsonNode? value) => value switch
    {
        null => true,
        _ when schema.Required.Contains(name) => false,
        JsonArray { Count: 0 } => true,
        JsonObject { Count: 0 } => known.AdditionalProperties is not null,
        _ when known.Zero is ZeroValue.Kept => false,
        _ when value.AsText() is "" => true,
        _ when known.Zero is ZeroValue.Omitted => value.AsNumber() == 0 || value.GetValueKind() is JsonValueKind.False,
        _ => false,
    };

    static JsonValue? Quantity(Schema schema, JsonNode? value)
    {
        if (schema.Format != "quantity" || value is not JsonValue)
        {
            return null;
        }

        var text = value.AsText() ?? value.ToJsonString();
        return CanonicalQuantity.Of(text) is { } canonical && (canonical != text || value.AsText() is null) ? JsonValue.Create(canonical) : null;
    }
}

/// <summary>What becomes of a zero, false or empty text of a built-in kind.</summary>
public enum ZeroValue
{
    /// <summary>Texts are left out, numbers and flags are kept.</summary>
    Usual,

    /// <summary>Left out: the Go field is no pointer.</summary>
    Omitted,

    /// <summary>Kept: it means something else than nothing.</summary>
    Kept,
}
