using Slotwise.ObjectStore.Cel.Rules;

namespace Slotwise.ObjectStore.Kinds;

/// <summary>The kinds that a CustomResourceDefinition asks for, one for each served version.</summary>
public static class CustomKinds
{
    public static IReadOnlyList<ResourceKind> Of(JsonObject definition)
    {
        var spec = definition.Object("spec");
        var versions = (spec.Array("versions") ?? []).OfType<JsonObject>().ToList();
        var storage = versions.Find(version => version.Flag("storage") == true) ?? versions.FirstOrDefault();
        if (spec is null || storage is null || !DefinitionNames.IsEstablished(definition))
        {
            return [];
        }

        var stored = Of(spec, storage, null);
        return [.. versions
            .Where(version => version.Flag("served") == true)
            .Select(version => version == storage ? stored : Of(spec, version, stored))];
    }

    static ResourceKind Of(JsonObject spec, JsonObject version, ResourceKind? stored)
    {
        var names = spec.Object("names");
        var kind = names.Text("kind") ?? "";
        var subresources = version.Object("subresources");
        var schema = WithMetadata(version.Object("schema").Object("openAPIV3Schema"));
        return new ResourceKind
        {
            Kind = new KubernetesKind(spec.Text("group") ?? "", version.Text("name") ?? "", kind, names.Text("plural") ?? "", spec.Text("scope") == "Namespaced"),
            Singular = names.Text("singular") ?? kind.ToLowerInvariant(),
            CustomListKind = names.Text("listKind") ?? $"{kind}List",
            ShortNames = [.. names.Array("shortNames").Texts()],
            Categories = [.. names.Array("categories").Texts()],
            Schema = schema,
            ValidationRules = RuleTree.Of(schema),
            HasStatus = subresources?.ContainsKey("status") == true,
            Scale = subresources.Object("scale") is { } scale
                ? new ScalePaths(scale.Text("specReplicasPath") ?? "", scale.Text("statusReplicasPath") ?? "", scale.Text("labelSelectorPath"))
                : null,
            HasGeneration = true,
            Columns = ColumnsOf(version.Array("additionalPrinterColumns")),
            SelectableFields = [.. (version.Array("selectableFields") ?? []).OfType<JsonObject>().Select(field => (field.Text("jsonPath") ?? "").TrimStart('.'))],
            IsCustom = true,
            StoredAs = stored,
        };
    }

    /// <summary>Every object has a type and metadata, whether or not its schema says so.</summary>
    static Schema WithMetadata(JsonObject? json)
    {
        if (json is null)
        {
            return Schema.Anything;
        }

        var given = ReadSchema.From(json);
        var text = new Schema { Type = SchemaType.String };
        return new Schema
        {
            Type = SchemaType.Object,
            Description = given.Description,
            Properties = new Dictionary<string, Schema>(given.Properties)
            {
                ["apiVersion"] = given.Member("apiVersion") ?? text,
                ["kind"] = given.Member("kind") ?? text,
                ["metadata"] = BuiltInKinds.Metadata,
            },
            Required = given.Required,
            PreserveUnknownFields = given.PreserveUnknownFields,
            AllOf = given.AllOf,
            AnyOf = given.AnyOf,
            OneOf = given.OneOf,
            Not = given.Not,
            ValidationRules = given.ValidationRules,
        };
    }

    static IReadOnlyList<PrinterColumn> ColumnsOf(JsonArray? json) =>
        json is null
            ? [new PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
            : [.. json.OfType<JsonObject>().Select(column => new PrinterColumn(
                column.Text("name") ?? "",
                column.Text("type") ?? "string",
                column.Text("jsonPath") ?? "",
                (int)(column.Number("priority") ?? 0),
                column.Text("format") ?? "",
                column.Text("description") ?? ""))];
}
