using System.Text;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Rules;

/// <summary>The type that expressions see for a schema, with bounds on its size (<c>SchemaDeclType</c> of the API server).</summary>
static class TypeOfSchema
{
    const long MaxRequestSize = 3 * 1024 * 1024;

    // The bounds of values in JSON.
    const long MinNumber = 1;
    const long MinText = 2;
    const long MinBool = 4;
    const long MinDuration = 3;
    const long MaxDuration = 32;
    const long Date = 12;
    const long MinTime = 21;
    const long MaxTime = 32;

    /// <summary>Null when expressions cannot see values of the schema, as nothing is known about them.</summary>
    /// <param name="schema">It.</param>
    /// <param name="isRoot">Of a resource, whose name is always known.</param>
    public static CelType? Of(Schema schema, bool isRoot)
    {
        if (schema.IntOrString)
        {
            return CelType.Dyn.Bounded(schema.MaxLength is { } most ? most * 4L : MaxRequestSize - 2, 1);
        }

        return schema.Type switch
        {
            SchemaType.Array => OfArray(schema),
            SchemaType.Object when schema.AdditionalProperties is { } values && !isRoot => OfMap(schema, values),
            SchemaType.Object => OfObject(schema, isRoot),
            SchemaType.String => OfText(schema),
            SchemaType.Boolean => CelType.Bool.Bounded(0, MinBool),
            SchemaType.Number => CelType.Double.Bounded(0, MinNumber),
            SchemaType.Integer => CelType.Int.Bounded(0, MinNumber),
            _ => null,
        };
    }

    static CelType? OfArray(Schema schema) =>
        schema.Items is { } items && Of(items, items.EmbeddedResource) is { } element
            ? CelType.ListOf(element, schema.MaxItems ?? (MaxRequestSize - 2) / (element.MinSize + 1))
            : null;

    static CelType? OfMap(Schema schema, Schema values) =>
        Of(values, values.EmbeddedResource) is { } value
            ? CelType.MapOf(CelType.Text, value, schema.MaxProperties ?? (MaxRequestSize - 2) / (value.MinSize + 6))
            : null;

    static CelType OfObject(Schema schema, bool isRoot)
    {
        var fields = new Dictionary<string, CelType>();
        var minSize = 2L;
        foreach (var (name, property) in schema.Properties)
        {
            if ((isRoot && name is "apiVersion" or "kind" or "metadata") || Of(property, property.EmbeddedResource) is not { } type)
            {
                continue;
            }

            if (FieldName.Escape(name) is { } field)
            {
                fields[field] = type;
            }

            if (schema.Required.Contains(name) && property.Default is null)
            {
                minSize += Encoding.UTF8.GetByteCount(name) + type.MinSize + 4;
            }
        }

        if (isRoot)
        {
            var text = CelType.Text.Bounded(MaxRequestSize - 2, MinText);
            fields["apiVersion"] = text;
            fields["kind"] = text;
            fields["metadata"] = CelType.Object("object", new Dictionary<string, CelType> { ["name"] = text, ["generateName"] = text }, 2);
        }

        return CelType.Object("object", fields, minSize);
    }

    static CelType OfText(Schema schema) => schema.Format switch
    {
        "byte" => CelType.Bytes.Bounded(schema.MaxLength ?? MaxRequestSize - 2, MinText),
        "duration" => CelType.Duration.Bounded(MaxDuration, MinDuration),
        "date" => CelType.Timestamp.Bounded(Date, Date),
        "date-time" => CelType.Timestamp.Bounded(MaxTime, MinTime),
        _ => CelType.Text.Bounded(MaxLength(schema), MinText),
    };

    // A character takes up to four bytes.
    static long MaxLength(Schema schema) =>
        schema.MaxLength is { } most ? most * 4L
        : schema.Enum is { Count: > 0 } allowed ? allowed.Max(value => (long)Encoding.UTF8.GetByteCount(value.AsText() ?? ""))
        : MaxRequestSize - 2;

    /// <summary>How often values of the type can be in one object at most.</summary>
    public static long MaxCardinality(CelType type) => MaxRequestSize / (type.MinSize + 1);
}
