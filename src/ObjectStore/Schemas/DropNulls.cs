namespace Slotwise.ObjectStore.Schemas;

/// <summary>Takes away nulls that the schema has no use for: to Kubernetes they are fields that are not set.</summary>
static class DropNulls
{
    public static void Apply(Schema schema, JsonNode? value)
    {
        switch (value)
        {
            case JsonArray array when schema.Items is { } items:
                foreach (var item in array)
                {
                    Apply(items, item);
                }

                break;
            case JsonObject obj:
                foreach (var name in obj.Select(member => member.Key).ToList())
                {
                    if (schema.Member(name) is not { } known)
                    {
                        continue;
                    }

                    if (obj[name] is { } member)
                    {
                        Apply(known, member);
                    }
                    else if (!known.Nullable && known.Default is null)
                    {
                        obj.Remove(name);
                    }
                }

                break;
        }
    }
}
