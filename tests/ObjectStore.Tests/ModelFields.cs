using System.Text.Json.Serialization.Metadata;
using Slotwise.ObjectStore.Schemas;

namespace Slotwise.ObjectStore.Tests;

/// <summary>Compares what a C# model can write with what a schema knows.</summary>
static class ModelFields
{
    public static void AssertKnown(JsonTypeInfo type, Schema schema, string path)
    {
        if (type.Kind is JsonTypeInfoKind.Object)
        {
            foreach (var property in type.Properties)
            {
                // The models of projected sources are those of volumes, which have a mode of their own.
                if (property.Name == "defaultMode" && path.Contains(".sources[]", StringComparison.Ordinal))
                {
                    continue;
                }

                var known = schema.Member(property.Name);
                Assert.True(known is not null || schema.PreserveUnknownFields, $"{path}.{property.Name} is not in the schema");
                if (known is { PreserveUnknownFields: false })
                {
                    AssertKnown(type.Options.GetTypeInfo(property.PropertyType), known, $"{path}.{property.Name}");
                }
            }
        }
        else if (type.Kind is JsonTypeInfoKind.Enumerable && type.ElementType is { } element && schema.Items is { } items)
        {
            AssertKnown(type.Options.GetTypeInfo(element), items, $"{path}[]");
        }
    }
}
