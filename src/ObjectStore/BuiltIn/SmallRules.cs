namespace Slotwise.ObjectStore.BuiltIn;

sealed class NamespaceRules : IKindRules
{
    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        Meta.Of(obj).Ensure("labels")["kubernetes.io/metadata.name"] = Meta.Name(obj);
    }

    public void Admit(JsonObject obj, JsonObject? before, Store store)
    {
        if (before is null)
        {
            var finalizers = obj.Ensure("spec").Array("finalizers").Texts().Append("kubernetes").Distinct();
            obj.Ensure("spec")["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]);
            obj["status"] = new JsonObject { ["phase"] = "Active" };
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before) => [];
}

/// <summary>ConfigMaps and Secrets.</summary>
sealed class ConfigRules : IKindRules
{
    const string AccountName = "kubernetes.io/service-account.name";
    const int Largest = 1024 * 1024;

    static long SizeOf(JsonObject obj)
    {
        var isSecret = obj.Text("type") is not null;
        return Sum("data", encoded: isSecret) + Sum("binaryData", encoded: true);

        long Sum(string name, bool encoded) => (obj.Object(name) ?? []).Sum(pair =>
            pair.Value.AsText() is not { } text ? 0L : encoded ? text.Length / 4 * 3L : System.Text.Encoding.UTF8.GetByteCount(text));
    }

    /// <summary>What a Secret of a type must hold.</summary>
    static string[] KeysOf(string? type) => type switch
    {
        "kubernetes.io/tls" => ["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => [".dockerconfigjson"],
        "kubernetes.io/dockercfg" => [".dockercfg"],
        "kubernetes.io/ssh-auth" => ["ssh-privatekey"],
        _ => [],
    };

    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        if (obj.Object("stringData") is not { } texts)
        {
            return;
        }

        var data = obj.Ensure("data");
        foreach (var (name, value) in texts)
        {
            data[name] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value.AsText() ?? ""));
        }

        obj.Remove("stringData");
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        if (before?.Flag("immutable") == true)
        {
            foreach (var name in (string[])["immutable", "data", "binaryData"])
            {
                if (!JsonNode.DeepEquals(before[name], obj[name]))
                {
                    yield return FieldError.Forbidden(name, $"field is immutable when `immutable` is set");
                }
            }
        }

        if (before is not null && before.Text("type") != obj.Text("type"))
        {
            yield return FieldError.Invalid("type", obj["type"]?.DeepClone(), "field is immutable");
        }

        if (SizeOf(obj) > Largest)
        {
            yield return FieldError.TooLong(obj.Text("type") is null ? "[]" : "data", Largest);
        }

        if (obj.Text("type") == "kubernetes.io/service-account-token" && string.IsNullOrEmpty(Meta.Of(obj).Object("annotations").Text(AccountName)))
        {
            yield return FieldError.Required($"metadata.annotations[{AccountName}]");
        }

        foreach (var name in KeysOf(obj.Text("type")).Where(name => obj.Object("data")?.ContainsKey(name) != true))
        {
            yield return FieldError.Required($"data[{name}]");
        }

        foreach (var (name, _) in obj.Object("data") ?? [])
        {
            if (name.Length > 253 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || name is "." or "..")
            {
                yield return FieldError.Invalid($"data[{name}]", name, "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
            }
        }
    }
}

sealed class ClaimRules : IKindRules
{
    static readonly string[] AccessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
    }

    public void Admit(JsonObject obj, JsonObject? before, Store store)
    {
        if (before is null)
        {
            obj["status"] = new JsonObject { ["phase"] = "Pending" };
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var spec = obj.Ensure("spec");
        if (spec.Array("accessModes") is not { Count: > 0 })
        {
            yield return FieldError.Required("spec.accessModes", "at least 1 access mode is required");
        }

        if (spec.Array("accessModes").Texts().FirstOrDefault(mode => !AccessModes.Contains(mode)) is { } unknown)
        {
            yield return FieldError.NotSupported("spec.accessModes", unknown, AccessModes);
        }

        var requests = spec.Object("resources").Object("requests");
        if (requests?["storage"] is null)
        {
            yield return FieldError.Required("spec.resources[storage]");
        }

        if (before.Object("spec") is { } old && !JsonNode.DeepEquals(Fixed(old), Fixed(spec)))
        {
            yield return FieldError.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }

        if (Quantity.TryParse(before.Object("spec").Object("resources").Object("requests").Text("storage"), out var had)
            && Quantity.TryParse(requests.Text("storage"), out var wants) && wants < had)
        {
            yield return FieldError.Forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
        }
    }

    static JsonObject Fixed(JsonObject spec)
    {
        var copy = spec.Clone();
        copy.Remove("resources");
        // Binding fills these in once.
        copy.Remove("volumeName");
        copy.Remove("storageClassName");
        return copy;
    }
}

sealed class VolumeRules : IKindRules
{
    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
    }

    public void Admit(JsonObject obj, JsonObject? before, Store store)
    {
        if (before is null)
        {
            obj["status"] = new JsonObject { ["phase"] = "Pending" };
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before) => [];
}

sealed class BudgetRules : IKindRules
{
    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
    }

    public void Admit(JsonObject obj, JsonObject? before, Store store)
    {
        if (before is null)
        {
            obj["status"] = new JsonObject { ["disruptionsAllowed"] = 0, ["currentHealthy"] = 0, ["desiredHealthy"] = 0, ["expectedPods"] = 0 };
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var spec = obj.Object("spec");
        if (spec?["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            yield return FieldError.Invalid("spec", "object", "minAvailable and maxUnavailable cannot be both set");
        }

        foreach (var name in (string[])["minAvailable", "maxUnavailable"])
        {
            if (spec.Number(name) is < 0 and { } negative)
            {
                yield return FieldError.Invalid($"spec.{name}", negative, "must be greater than or equal to 0");
            }
        }
    }
}
