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
    void Fill(ResourceKind kind, JsonObject obj, JsonObject? before, WriteOptions options)
    {
        var schema = kind.Schema;
        obj["apiVersion"] = kind.Kind.ApiVersion;
        obj["kind"] = kind.Kind.Kind;
        Canonicalize(kind, obj);
        DefaultSchema.Apply(schema, obj);
        var errors = ValidateObject.Errors(kind, obj, before, options.Warn);
        RefuseUnreadable(kind, errors);
        RefuseInvalid(kind, obj, before, errors);
        var admission = new AdmissionRequest(this, kind, obj, before, options.Warn ?? (_ => { }));
        foreach (var plugin in _options.Admission)
        {
            plugin.Admit(admission);
        }

        kind.Rules.Complete(obj, before, this);
        Canonicalize(kind, obj);
        DefaultSchema.Apply(schema, obj);
        RefuseInvalid(kind, obj, before, [.. NameRules.Validate(kind, Meta.Of(obj)), .. kind.Rules.Validate(obj, before)]);
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

    static void RefuseUnreadable(ResourceKind kind, List<FieldError> errors)
    {
        // Built-in kinds are typed: Kubernetes cannot even read what has a wrong type.
        if (!kind.IsCustom && errors.FirstOrDefault(error => error.Reason == "FieldValueTypeInvalid") is { } unreadable)
        {
            throw ApiError.BadRequest($"{kind.Kind.Kind} in version \"{kind.Kind.Version}\" cannot be handled as a {kind.Kind.Kind}: {unreadable.Path}: {unreadable.Detail}");
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

    static IReadOnlyList<string> DropUnknown(ResourceKind kind, JsonObject obj, FieldValidation validation)
    {
        var unknown = PruneSchema.Apply(kind.Schema, obj);
        if (unknown.Count > 0 && validation is FieldValidation.Strict)
        {
            var list = string.Join(", ", unknown.Select(path => $"unknown field \"{path}\""));
            throw ApiError.BadRequest($"{kind.Kind.Kind} in version \"{kind.Kind.Version}\" cannot be handled as a {kind.Kind.Kind}: strict decoding error: {list}");
        }

        return validation is FieldValidation.Warn ? [.. unknown.Select(path => $"unknown field \"{path}\"")] : [];
    }

    static void CheckIdentity(ResourceKind kind, string? ns, string? name, JsonObject obj)
    {
        if (obj.Text("apiVersion") is { Length: > 0 } apiVersion && apiVersion != kind.Kind.ApiVersion)
        {
            throw ApiError.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({kind.Kind.ApiVersion})");
        }

        if (obj.Text("kind") is { Length: > 0 } given && given != kind.Kind.Kind)
        {
            throw ApiError.BadRequest($"the kind in the data ({given}) does not match the expected kind ({kind.Kind.Kind})");
        }

        if (obj["metadata"] is not (null or JsonObject))
        {
            throw ApiError.BadRequest($"{kind.Kind.Kind} in version \"{kind.Kind.Version}\" cannot be handled as a {kind.Kind.Kind}: metadata must be an object");
        }

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

    static JsonObject WithStatus(JsonObject before, JsonObject after)
    {
        var changed = before.Clone();
        CopyMember(after, changed, "status");
        CopyMember(Meta.Of(after), Meta.Of(changed), "managedFields");
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

    static JsonObject Desired(ResourceKind kind, JsonObject obj)
    {
        var desired = obj.Clone();
        desired.Remove("metadata");
        if (kind.HasStatus)
        {
            desired.Remove("status");
        }

        return desired;
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
