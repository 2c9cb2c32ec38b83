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
            Fill(kind, obj, null, options);
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

    static JsonObject Patched(ResourceKind kind, JsonObject before, PatchType type, JsonNode patch)
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

    /// <summary>The one way in which a stored object changes.</summary>
    StoredObject Save(ResourceKind kind, StoredObject before, JsonObject after, string? subresource, WriteOptions options, bool tracked)
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
            RefuseInvalid(kind, after, null, ValidateObject.StatusErrors(kind, after, before.Json, options.Warn));
        }
        else
        {
            if (kind.HasStatus)
            {
                CopyMember(before.Json, after, "status");
            }

            RefuseNewFinalizers(kind, before.Json, after);
            Fill(kind, after, before.Json, options);
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

    StoredObject Insert(ResourceKind kind, JsonObject obj, bool dryRun)
    {
        if (Find(kind, Meta.Namespace(obj), Meta.Name(obj)) is { } existing)
        {
            throw Meta.IsDeleting(existing.Json)
                ? ApiError.Of(System.Net.HttpStatusCode.Conflict, "AlreadyExists", $"object is being deleted: {kind.GroupResource} \"{Meta.Name(obj)}\" already exists", new V1StatusDetails { Name = Meta.Name(obj), Kind = kind.Kind.Plural })
                : ApiError.AlreadyExists(kind, Meta.Name(obj));
        }

        return Write(kind, obj, dryRun);
    }

    StoredObject Write(ResourceKind kind, JsonObject obj, bool dryRun)
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
}
