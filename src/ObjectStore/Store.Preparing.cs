namespace Slotwise.ObjectStore;

/// <content>What happens to an object between the request and the store: checks, defaults, what the server adds.</content>
public sealed partial class Store
{
    void PrepareNew(ResourceKind kind, JsonObject obj)
    {
        if (kind.Kind.Namespaced)
        {
            RequireNamespace(kind, obj);
        }

        RefuseTerminatingDefinition(kind);
        var metadata = Meta.Of(obj);
        if (string.IsNullOrEmpty(metadata.Text("name")))
        {
            metadata["name"] = metadata.Text("generateName") is { Length: > 0 } prefix
                ? prefix[..Math.Min(prefix.Length, 58)] + RandomSuffix()
                : throw ApiError.Invalid(kind, "", [FieldError.Required("metadata.name", "name or generateName is required")]);
        }

        foreach (var name in (string[])["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation", "resourceVersion"])
        {
            metadata.Remove(name);
        }

        metadata["uid"] = NewUid();
        metadata["creationTimestamp"] = Now();
        if (kind.HasGeneration)
        {
            metadata["generation"] = 1;
        }
    }

    /// <summary>Defaults, what the kind's rules add, and every check.</summary>
    void Fill(ResourceKind kind, JsonObject obj, JsonObject? before, WriteOptions options, Action<JsonObject, JsonObject?>? track)
    {
        var schema = kind.Schema;
        obj["apiVersion"] = kind.Kind.ApiVersion;
        obj["kind"] = kind.Kind.Kind;
        Canonicalize(kind, obj);
        DefaultSchema.Apply(schema, obj);
        if (kind.IsCustom)
        {
            RefuseInvalid(kind, obj, before, ValidateObject.Errors(kind, obj, before, options.Warn));
        }

        kind.Rules.Complete(obj, before, this);
        Canonicalize(kind, obj);
        DefaultSchema.Apply(schema, obj);
        track?.Invoke(obj, before);
        var admission = new AdmissionRequest(this, kind, obj, before, options.Warn ?? (_ => { }));
        foreach (var plugin in _options.Admission)
        {
            plugin.Admit(admission);
        }

        kind.Rules.Admit(obj, before, this);
        Canonicalize(kind, obj);
        DefaultSchema.Apply(schema, obj);
        var faults = kind.IsCustom ? [] : ValidateSchema.Errors(schema, obj).Select(HandWrittenRules.Reworded);
        RefuseInvalid(kind, obj, before, [.. NameRules.Validate(kind, Meta.Of(obj)), .. faults, .. kind.Rules.Validate(obj, before)]);
        options.Check?.Invoke(kind, obj, before);
    }

    static void Canonicalize(ResourceKind kind, JsonObject obj)
    {
        if (kind.IsCustom)
        {
            DropNulls.Apply(kind.Schema, obj);
        }
        else
        {
            CanonicalForm.Apply(kind.Schema, obj);
        }
    }

    static void RefuseInvalid(ResourceKind kind, JsonObject obj, JsonObject? before, List<FieldError> errors)
    {
        if (errors.Count == 0)
        {
            return;
        }

        throw ApiError.Invalid(kind, before is null ? Meta.Name(obj) : Meta.Name(before), errors);
    }

    /// <summary>Takes out what the schema does not know.</summary>
    /// <returns>Warnings about that.</returns>
    /// <exception cref="KubernetesApiException">400: it cannot be read, or has unknown fields and the writer wants to know.</exception>
    static IReadOnlyList<string> Decode(ResourceKind kind, JsonObject obj, WriteOptions options)
    {
        var (fault, warnings) = TryDecode(kind, obj, options);
        return fault is null
            ? warnings
            : throw ApiError.BadRequest($"{kind.Kind.Kind} in version \"{kind.Kind.Version}\" cannot be handled as a {kind.Kind.Kind}: {fault}");
    }

    /// <summary>The same of what a patch made.</summary>
    /// <exception cref="KubernetesApiException">422.</exception>
    static IReadOnlyList<string> DecodePatched(ResourceKind kind, JsonObject obj, WriteOptions options)
    {
        // Only who is strict is refused for what decoding takes out, and is shown all of it.
        var whole = options.Validation is FieldValidation.Strict ? obj.Clone() : obj;
        var (fault, warnings) = TryDecode(kind, obj, options);
        return fault is null ? warnings : throw ApiError.InvalidPatch(whole, fault);
    }

    static (string? Fault, IReadOnlyList<string> Warnings) TryDecode(ResourceKind kind, JsonObject obj, WriteOptions options)
    {
        if (!kind.IsCustom && UnreadableValue.Find(kind.Schema, obj) is { } unreadable)
        {
            return (unreadable, []);
        }

        if (obj["metadata"] is not (null or JsonObject))
        {
            return ($"json: cannot unmarshal {(obj["metadata"] is JsonArray ? "array" : "string")} into Go struct field {kind.Kind.Kind}.metadata of type v1.ObjectMeta", []);
        }

        List<string> faults = [.. options.DuplicateFields.Select(path => $"duplicate field \"{path}\""), .. PruneSchema.Apply(kind.Schema, obj).Select(path => $"unknown field \"{path}\"")];
        return (faults.Count, options.Validation) switch
        {
            ( > 0, FieldValidation.Strict) => ($"strict decoding error: {string.Join(", ", faults)}", []),
            (_, FieldValidation.Warn) => (null, faults),
            _ => (null, []),
        };
    }

    void CheckType(ResourceKind kind, JsonObject obj)
    {
        var version = obj.Text("apiVersion") is { Length: > 0 } givenVersion ? givenVersion : kind.Kind.ApiVersion;
        var name = obj.Text("kind") is { Length: > 0 } givenKind ? givenKind : kind.Kind.Kind;
        if (version == kind.Kind.ApiVersion && name == kind.Kind.Kind)
        {
            return;
        }

        if (kind.IsCustom)
        {
            throw version != kind.Kind.ApiVersion
                ? ApiError.BadRequest($"the API version in the data ({version}) does not match the expected API version ({kind.Kind.ApiVersion})")
                : ApiError.BadRequest($"the kind in the data ({name}) does not match the expected kind ({kind.Kind.Kind})");
        }

        var shortVersion = version[(version.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var cannot = $"{name} in version \"{shortVersion}\" cannot be handled as a {kind.Kind.Kind}";
        var group = kind.Kind.Group.Length == 0 ? "core" : kind.Kind.Group.Split('.')[0];
        throw ApiError.BadRequest(Kinds.FindKind(version, name) is null
            ? $"{cannot}: no kind \"{name}\" is registered for version \"{version}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\""
            : $"{cannot}: converting ({shortVersion}.{name}) to ({group}.{kind.Kind.Kind}): unknown conversion");
    }

    static void CheckIdentity(ResourceKind kind, string? ns, string? name, JsonObject obj)
    {
        var metadata = Meta.Of(obj);
        if (name is not null)
        {
            if (metadata.Text("name") is { Length: > 0 } inBody && inBody != name)
            {
                throw ApiError.BadRequest($"the name of the object ({inBody}) does not match the name on the URL ({name})");
            }

            metadata["name"] = name;
        }

        if (!kind.Kind.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }

        if (metadata.Text("namespace") is { Length: > 0 } written && ns is { Length: > 0 } && written != ns)
        {
            throw ApiError.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (ns is { Length: > 0 })
        {
            metadata["namespace"] = ns;
        }
        else if (string.IsNullOrEmpty(metadata.Text("namespace")))
        {
            throw ApiError.BadRequest("an empty namespace may not be set during creation");
        }
    }

    static void KeepIdentity(JsonObject before, JsonObject after)
    {
        var metadata = Meta.Of(after);
        foreach (var name in (string[])["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName", "selfLink", "resourceVersion"])
        {
            CopyMember(Meta.Of(before), metadata, name);
        }
    }

    /// <summary>An object with another status. The rest is as it was: it was looked at when it was written.</summary>
    static JsonObject WithStatus(ResourceKind kind, JsonObject before, JsonObject after)
    {
        var status = StatusOf(after);
        Canonicalize(kind, status);
        DefaultSchema.Apply(kind.Schema, status);
        var changed = before.Clone();
        CopyMember(status, changed, "status");
        if (Meta.Of(after).ContainsKey("managedFields"))
        {
            CopyMember(Meta.Of(after), Meta.Of(changed), "managedFields");
        }

        return changed;
    }

    static void CopyMember(JsonObject from, JsonObject to, string name)
    {
        if (from[name] is { } value)
        {
            to[name] = value.DeepClone();
        }
        else
        {
            to.Remove(name);
        }
    }

    /// <summary>Whether two versions differ in what is asked for: in anything but metadata and status.</summary>
    static bool WantsOther(ResourceKind kind, JsonObject before, JsonObject after)
    {
        return IsMissingFrom(after, before) || IsMissingFrom(before, after);

        bool IsMissingFrom(JsonObject one, JsonObject other) =>
            other.Any(member => member.Key != "metadata" && !(kind.HasStatus && member.Key == "status")
                && !(one.TryGetPropertyValue(member.Key, out var same) && JsonNode.DeepEquals(member.Value, same)));
    }

    void RequireNamespace(ResourceKind kind, JsonObject obj)
    {
        var ns = Meta.Namespace(obj);
        var namespaces = Kinds.BuiltIn("namespaces");
        var found = Find(namespaces, null, ns) ?? throw ApiError.NotFound(namespaces, ns);
        if (Meta.IsDeleting(found.Json))
        {
            throw ApiError.NamespaceTerminating(kind, Meta.Name(obj), ns);
        }
    }

    string NewUid()
    {
        var bytes = new byte[16];
        _options.Random.NextBytes(bytes);
        bytes[7] = (byte)((bytes[7] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes).ToString();
    }

    // The letters that Kubernetes generates names from: no vowels, so that no words come out.
    string RandomSuffix() => new(_options.Random.GetItems<char>("bcdfghjklmnpqrstvwxz2456789", 5));
}
