using System.Globalization;

namespace Slotwise.ObjectStore;

public sealed partial class Store
{
    /// <exception cref="KubernetesApiException">400, 403, 404 (namespace), 409 (exists), 422.</exception>
    public WriteResult Create(ResourceKind kind, string? ns, JsonObject body, WriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(options);
        var obj = body.Clone();
        CheckIdentity(kind, ns, null, obj);
        var warnings = DropUnknown(kind, obj, options.Validation);
        Meta.Of(obj).Remove("managedFields");
        lock (_gate)
        {
            if (Meta.ResourceVersion(obj) is { Length: > 0 })
            {
                throw ApiError.BadRequest("resourceVersion should not be set on objects to be created");
            }

            if (kind.HasStatus && kind.Kind.Kind != "Node")
            {
                obj.Remove("status");
            }

            PrepareNew(kind, obj);
            Fill(kind, obj, null);
            TrackFields.Update(kind, null, obj, new ManagedFields.Owner(options.Manager, "Update", kind.Kind.ApiVersion, ""), Now());
            return new WriteResult(Insert(kind, obj, options.DryRun), true, warnings);
        }
    }

    /// <summary>Replaces an object, or its status.</summary>
    /// <param name="kind">Of the object.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="body">With a resourceVersion: only if that is still the current one.</param>
    /// <param name="subresource">Null or <c>status</c>.</param>
    /// <param name="options">Who writes.</param>
    /// <exception cref="KubernetesApiException">400, 404, 409, 422.</exception>
    public WriteResult Update(ResourceKind kind, string? ns, string name, JsonObject body, string? subresource, WriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(options);
        var obj = body.Clone();
        CheckIdentity(kind, ns, name, obj);
        var warnings = DropUnknown(kind, obj, options.Validation);
        lock (_gate)
        {
            var before = Get(kind, ns, name);
            if (kind.IsCustom && string.IsNullOrEmpty(Meta.ResourceVersion(obj)))
            {
                throw ApiError.Invalid(kind, name, [FieldError.Invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
            }

            return new WriteResult(Save(kind, before, obj, subresource, options, tracked: false), false, warnings);
        }
    }

    /// <summary>Changes an object, or its status, by a patch. An apply creates the object when there is none.</summary>
    /// <exception cref="KubernetesApiException">400, 404, 409, 415, 422.</exception>
    public WriteResult Patch(ResourceKind kind, string? ns, string name, PatchType type, JsonNode patch, string? subresource, WriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(options);
        lock (_gate)
        {
            if (type is PatchType.Apply)
            {
                return Apply(kind, ns, name, patch as JsonObject ?? throw ApiError.BadRequest("an apply needs an object"), subresource, options);
            }

            var before = Get(kind, ns, name);
            var after = Patched(kind, before.Json, type, patch);
            CheckIdentity(kind, ns, name, after);
            var warnings = DropUnknown(kind, after, options.Validation);
            return new WriteResult(Save(kind, before, after, subresource, options, tracked: false), false, warnings);
        }
    }

    private static JsonObject Patched(ResourceKind kind, JsonObject before, PatchType type, JsonNode patch)
    {
        var after = type switch
        {
            PatchType.Json => JsonPatch.Apply(before, patch as JsonArray ?? throw ApiError.BadRequest("a JSON patch is a list of operations")),
            PatchType.Merge => MergePatch.Apply(before, patch as JsonObject ?? throw ApiError.BadRequest("a merge patch is an object")),
            _ when kind.IsCustom => throw ApiError.UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"),
            _ => StrategicMergePatch.Apply(kind.Schema, before, patch as JsonObject ?? throw ApiError.BadRequest("a strategic merge patch is an object")),
        };
        return after as JsonObject ?? throw ApiError.BadRequest("the patched value is no object");
    }

    private WriteResult Apply(ResourceKind kind, string? ns, string name, JsonObject configuration, string? subresource, WriteOptions options)
    {
        var given = configuration.Clone();
        if (given.Text("apiVersion") is null || given.Text("kind") is null)
        {
            throw ApiError.BadRequest("an apply needs apiVersion and kind");
        }

        CheckIdentity(kind, ns, name, given);
        if (given.Object("metadata")?["managedFields"] is not null)
        {
            throw ApiError.BadRequest("metadata.managedFields must be nil");
        }

        var unknown = PruneSchema.Apply(kind.Schema, given);
        if (unknown.Count > 0)
        {
            var list = string.Join(", ", unknown.Select(path => $".{path}: field not declared in schema"));
            throw ApiError.BadRequest($"failed to create typed patch object ({ns}/{name}; {kind.Kind.ApiVersion}, Kind={kind.Kind.Kind}): {list}");
        }

        Narrow(kind, given, subresource);
        var owner = new ManagedFields.Owner(options.Manager, "Apply", kind.Kind.ApiVersion, subresource ?? "");
        var before = Find(kind, ns, name);
        if (before is null)
        {
            if (subresource is not null)
            {
                throw ApiError.NotFound(kind, name);
            }

            return new WriteResult(CreateByApply(kind, given, owner, options), true, []);
        }

        before = kind.View(before);
        var version = Meta.ResourceVersion(given);
        var merged = TrackFields.Apply(kind, before.Json, given, owner, options.Force, Now());
        if (version is not null)
        {
            Meta.Of(merged)["resourceVersion"] = version;
        }

        return new WriteResult(Save(kind, before, merged, subresource, options, tracked: true), false, []);
    }

    private StoredObject CreateByApply(ResourceKind kind, JsonObject given, ManagedFields.Owner owner, WriteOptions options)
    {
        if (Meta.Uid(given).Length > 0)
        {
            throw ApiError.Conflict(kind, Meta.Name(given), $"uid mismatch: the provided object specified uid {Meta.Uid(given)}, and no existing object was found");
        }

        var empty = new JsonObject
        {
            ["apiVersion"] = kind.Kind.ApiVersion,
            ["kind"] = kind.Kind.Kind,
            ["metadata"] = new JsonObject { ["name"] = Meta.Name(given) },
        };
        if (kind.Kind.Namespaced)
        {
            Meta.Of(empty)["namespace"] = Meta.Namespace(given);
        }

        var obj = TrackFields.Apply(kind, empty, given, owner, options.Force, Now());
        PrepareNew(kind, obj);
        Fill(kind, obj, null);
        return Insert(kind, obj, options.DryRun);
    }

    /// <summary>Leaves of an applied configuration what its subresource may write.</summary>
    private static void Narrow(ResourceKind kind, JsonObject given, string? subresource)
    {
        if (subresource is null)
        {
            if (kind.HasStatus)
            {
                given.Remove("status");
            }

            return;
        }

        foreach (var name in given.Select(member => member.Key).Where(name => name is not ("apiVersion" or "kind" or "metadata" or "status")).ToList())
        {
            given.Remove(name);
        }

        foreach (var name in Meta.Of(given).Select(member => member.Key).Where(name => name is not ("name" or "namespace" or "uid" or "resourceVersion")).ToList())
        {
            Meta.Of(given).Remove(name);
        }
    }

    /// <summary>The one way in which a stored object changes.</summary>
    private StoredObject Save(ResourceKind kind, StoredObject before, JsonObject after, string? subresource, WriteOptions options, bool tracked)
    {
        var name = before.Key.Name;
        if (Meta.ResourceVersion(after) is { Length: > 0 } version && version != Meta.ResourceVersion(before.Json))
        {
            throw ApiError.Modified(kind, name);
        }

        if (Meta.Uid(after) is { Length: > 0 } uid && uid != Meta.Uid(before.Json))
        {
            throw ApiError.Conflict(kind, name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {Meta.Uid(before.Json)}");
        }

        KeepIdentity(before.Json, after);
        if (subresource == "status")
        {
            after = WithStatus(before.Json, after);
            Canonicalize(kind, after);
            DefaultSchema.Apply(kind.Schema, after);
            RefuseInvalid(kind, after, null, ValidateSchema.Errors(kind.Schema, after));
        }
        else
        {
            if (kind.HasStatus)
            {
                CopyMember(before.Json, after, "status");
            }

            RefuseNewFinalizers(kind, before.Json, after);
            Fill(kind, after, before.Json);
        }

        if (!tracked)
        {
            TrackFields.Update(kind, before.Json, after, new ManagedFields.Owner(options.Manager, "Update", kind.Kind.ApiVersion, subresource ?? ""), Now());
        }

        if (kind.HasGeneration && subresource is null && !JsonNode.DeepEquals(Desired(kind, before.Json), Desired(kind, after)))
        {
            Meta.Of(after)["generation"] = Meta.Generation(before.Json) + 1;
        }

        if (JsonNode.DeepEquals(before.Json, after))
        {
            return before;
        }

        return IsReleased(after) ? Remove(kind, after, options.DryRun) : Write(kind, after, options.DryRun);
    }

    private void PrepareNew(ResourceKind kind, JsonObject obj)
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
    private void Fill(ResourceKind kind, JsonObject obj, JsonObject? before)
    {
        var schema = kind.Schema;
        obj["apiVersion"] = kind.Kind.ApiVersion;
        obj["kind"] = kind.Kind.Kind;
        Canonicalize(kind, obj);
        DefaultSchema.Apply(schema, obj);
        var errors = ValidateSchema.Errors(schema, obj);
        RefuseInvalid(kind, obj, before, errors);
        kind.Rules.Complete(obj, before, this);
        Canonicalize(kind, obj);
        DefaultSchema.Apply(schema, obj);
        RefuseInvalid(kind, obj, before, [.. NameRules.Validate(kind, Meta.Of(obj)), .. kind.Rules.Validate(obj, before)]);
    }

    private static void Canonicalize(ResourceKind kind, JsonObject obj)
    {
        if (!kind.IsCustom)
        {
            CanonicalForm.Apply(kind.Schema, obj);
        }
    }

    private static void RefuseInvalid(ResourceKind kind, JsonObject obj, JsonObject? before, List<FieldError> errors)
    {
        if (errors.Count == 0)
        {
            return;
        }

        // Built-in kinds are typed: Kubernetes cannot even read what has a wrong type.
        if (!kind.IsCustom && errors.FirstOrDefault(error => error.Reason == "FieldValueTypeInvalid") is { } unreadable)
        {
            throw ApiError.BadRequest($"{kind.Kind.Kind} in version \"{kind.Kind.Version}\" cannot be handled as a {kind.Kind.Kind}: {unreadable.Path}: {unreadable.Detail}");
        }

        throw ApiError.Invalid(kind, before is null ? Meta.Name(obj) : Meta.Name(before), errors);
    }

    private static IReadOnlyList<string> DropUnknown(ResourceKind kind, JsonObject obj, FieldValidation validation)
    {
        var unknown = PruneSchema.Apply(kind.Schema, obj);
        if (unknown.Count > 0 && validation is FieldValidation.Strict)
        {
            var list = string.Join(", ", unknown.Select(path => $"unknown field \"{path}\""));
            throw ApiError.BadRequest($"{kind.Kind.Kind} in version \"{kind.Kind.Version}\" cannot be handled as a {kind.Kind.Kind}: strict decoding error: {list}");
        }

        return validation is FieldValidation.Warn ? [.. unknown.Select(path => $"unknown field \"{path}\"")] : [];
    }

    private static void CheckIdentity(ResourceKind kind, string? ns, string? name, JsonObject obj)
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

    private static void KeepIdentity(JsonObject before, JsonObject after)
    {
        var metadata = Meta.Of(after);
        foreach (var name in (string[])["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName", "selfLink", "resourceVersion"])
        {
            CopyMember(Meta.Of(before), metadata, name);
        }
    }

    private static JsonObject WithStatus(JsonObject before, JsonObject after)
    {
        var changed = before.Clone();
        CopyMember(after, changed, "status");
        CopyMember(Meta.Of(after), Meta.Of(changed), "managedFields");
        return changed;
    }

    private static void CopyMember(JsonObject from, JsonObject to, string name)
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

    private static JsonObject Desired(ResourceKind kind, JsonObject obj)
    {
        var desired = obj.Clone();
        desired.Remove("metadata");
        if (kind.HasStatus)
        {
            desired.Remove("status");
        }

        return desired;
    }

    private void RequireNamespace(ResourceKind kind, JsonObject obj)
    {
        var ns = Meta.Namespace(obj);
        var namespaces = Kinds.BuiltIn("namespaces");
        var found = Find(namespaces, null, ns) ?? throw ApiError.NotFound(namespaces, ns);
        if (Meta.IsDeleting(found.Json))
        {
            throw ApiError.Forbidden(kind, Meta.Name(obj), $"unable to create new content in namespace {ns} because it is being terminated");
        }
    }

    private StoredObject Insert(ResourceKind kind, JsonObject obj, bool dryRun)
    {
        if (Find(kind, Meta.Namespace(obj), Meta.Name(obj)) is { } existing)
        {
            throw Meta.IsDeleting(existing.Json)
                ? ApiError.Of(System.Net.HttpStatusCode.Conflict, "AlreadyExists", $"object is being deleted: {kind.GroupResource} \"{Meta.Name(obj)}\" already exists", new V1StatusDetails { Name = Meta.Name(obj), Kind = kind.Kind.Plural })
                : ApiError.AlreadyExists(kind, Meta.Name(obj));
        }

        return Write(kind, obj, dryRun);
    }

    private StoredObject Write(ResourceKind kind, JsonObject obj, bool dryRun)
    {
        if (dryRun)
        {
            return new StoredObject(obj, _version);
        }

        var version = ++_version;
        Meta.Of(obj)["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        var stored = new StoredObject(kind.ToStored(obj), version);
        var collection = CollectionOf(kind);
        var before = collection.Objects.GetValueOrDefault(stored.Key);
        collection.Objects = collection.Objects.SetItem(stored.Key, stored);
        collection.Log.Append(new LoggedChange(version, before, stored));
        if (kind.Kind.Plural == "customresourcedefinitions")
        {
            Kinds.SetCustom(stored.Key.Name, CustomKinds.Of(stored.Json));
        }

        return kind.View(stored);
    }

    private string NewUid()
    {
        var bytes = new byte[16];
        _options.Random.NextBytes(bytes);
        bytes[7] = (byte)((bytes[7] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes).ToString();
    }

    // The letters that Kubernetes generates names from: no vowels, so that no words come out.
    private string RandomSuffix() => new(_options.Random.GetItems<char>("bcdfghjklmnpqrstvwxz2456789", 5));
}
