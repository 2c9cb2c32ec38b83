namespace Slotwise.ObjectStore.Schemas;

/// <summary>Fills absent fields with the defaults of their schema, and drops a null that a default stands in for.</summary>
public static class DefaultSchema
{
    public static void Apply(Schema schema, JsonNode? value)
    {
        ArgumentNullException.ThrowIfNull(schema);
        switch (value)
        {
            case JsonObject obj:
                Apply(schema, obj);
                break;
            case JsonArray array when schema.Items is { } items:
                foreach (var item in array)
                {
                    Apply(items, item);
                }

                break;
        }
    }

    static void Apply(Schema schema, JsonObject obj)
    {
        foreach (var (name, property) in schema.Properties)
        {
            if (property.Default is not { } value)
            {
                continue;
            }

            var given = obj.TryGetPropertyValue(name, out var existing);
            if (!given || (existing is null && !property.Nullable))
            {
                obj[name] = value.DeepClone();
            }
        }

        foreach (var (name, member) in obj)
        {
            if (schema.Member(name) is { } known)
            {
                Apply(known, member);
            }
        }
    }
}
