namespace Slotwise.ObjectStore.Schemas;

/// <summary>
/// What an object of a built-in kind has before anybody wrote to it: the fields of its Go type that are structs and no pointers. Nobody owns them,
/// however the object came to be.
/// </summary>
static class EmptyObject
{
    static readonly string[] AlwaysThere = ["metadata", "spec", "status", "template", "resources", "updateStrategy", "strategy", "source"];

    public static JsonObject Of(Schema schema)
    {
        var empty = new JsonObject();
        foreach (var (name, property) in schema.Properties)
        {
            if (name == "containers")
            {
                empty[name] = new JsonArray();
            }
            else if (property.Properties.Count > 0 && AlwaysThere.Contains(name))
            {
                empty[name] = name == "metadata" ? new JsonObject() : Of(property);
            }
        }

        return empty;
    }
}
