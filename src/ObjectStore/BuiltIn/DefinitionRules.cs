namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>CustomResourceDefinitions: names are accepted and the kind established at once, as there is nobody to wait for.</summary>
sealed class DefinitionRules : IKindRules
{
    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        var spec = obj.Ensure("spec");
        var names = spec.Ensure("names");
        var kind = names.Text("kind") ?? "";
        names["singular"] ??= kind.ToLowerInvariant();
        names["listKind"] ??= $"{kind}List";
        spec["conversion"] ??= new JsonObject { ["strategy"] = "None" };
        var status = obj.Ensure("status");
        status["acceptedNames"] = names.DeepClone();
        status["storedVersions"] ??= new JsonArray([.. (spec.Array("versions") ?? []).OfType<JsonObject>()
            .Where(version => version.Flag("storage") == true)
            .Select(version => (JsonNode?)(version.Text("name") ?? ""))]);
        status["conditions"] ??= new JsonArray(
            True("NamesAccepted", "NoConflicts", "no conflicts found", store),
            True("Established", "InitialNamesAccepted", "the initial names have been accepted", store));
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var spec = obj.Object("spec");
        var names = spec.Object("names");
        var expected = $"{names.Text("plural")}.{spec.Text("group")}";
        if (Meta.Name(obj) != expected)
        {
            yield return FieldError.Invalid("metadata.name", Meta.Name(obj), "must be spec.names.plural+\".\"+spec.group");
        }

        var versions = (spec.Array("versions") ?? []).OfType<JsonObject>().ToList();
        if (versions.Count(version => version.Flag("storage") == true) != 1)
        {
            yield return FieldError.Invalid("spec.versions", "array", "must have exactly one version marked as storage version");
        }

        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i].Object("schema").Object("openAPIV3Schema") is not { } schema)
            {
                yield return FieldError.Required($"spec.versions[{i}].schema.openAPIV3Schema", "schemas are required");
            }
            else if (schema.Text("type") != "object")
            {
                yield return FieldError.Invalid($"spec.versions[{i}].schema.openAPIV3Schema.type", schema.Text("type"), "must be object at the root");
            }
        }

        if (before is not null && (before.At("spec.scope").AsText() != spec.Text("scope") || before.At("spec.names.kind").AsText() != names.Text("kind")))
        {
            yield return FieldError.Invalid("spec", "object", "scope and names.kind: field is immutable");
        }
    }

    static JsonObject True(string type, string reason, string message, Store store) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = store.Now(),
        ["reason"] = reason,
        ["message"] = message,
    };
}
