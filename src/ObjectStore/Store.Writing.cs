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
        CheckType(kind, obj);
        var warnings = Decode(kind, obj, options);
        CheckIdentity(kind, ns, null, obj);
        Meta.Of(obj).Remove("managedFields");
        lock (_gate)
        {
            if (Meta.ResourceVersion(obj) is { Length: > 0 })
            {
                throw ApiError.Failure("resourceVersion should not be set on objects to be created");
            }

            if (kind.HasStatus && kind.Kind.Kind != "Node")
            {
                obj.Remove("status");
            }

            PrepareNew(kind, obj);
            Fill(kind, obj, null, options, Updater(kind, null, options));
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
        CheckType(kind, obj);
        var warnings = Decode(kind, obj, options);
        if (string.IsNullOrEmpty(Meta.Name(obj)))
        {
            throw ApiError.BadRequest($"the name of the object ({name} based on URL) was undeterminable: name must be provided");
        }

        CheckIdentity(kind, ns, name, obj);
        lock (_gate)
        {
            var before = Get(kind, ns, name);
            CheckPrecondition(kind, before, obj);
            if (kind.IsCustom && string.IsNullOrEmpty(Meta.ResourceVersion(obj)))
            {
                throw ApiError.Invalid(kind, name, [FieldError.Invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
            }

            return new WriteResult(Save(kind, before, obj, subresource, options, Updater(kind, subresource, options)), false, warnings);
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
            var (after, warnings) = PatchedStatus(kind, before.Json, type, patch, subresource, options) ?? PatchedWhole(kind, before.Json, type, patch, options);
            CheckIdentity(kind, ns, name, after);
            RefuseOtherUid(kind, before, after);
            return new WriteResult(Save(kind, before, after, subresource, options, Updater(kind, subresource, options)), false, warnings);
        }
    }

    /// <summary>What kubelets and controllers write most of all, a patch of nothing but status: nothing else needs to be changed and read again.</summary>
    /// <returns>An object with a status alone; null when it is another patch, or one that is refused.</returns>
    static (JsonObject After, IReadOnlyList<string> Warnings)? PatchedStatus(ResourceKind kind, JsonObject before, PatchType type, JsonNode patch, string? subresource, WriteOptions options)
    {
        if (subresource != "status" || !kind.HasStatus || type is not PatchType.Merge || patch is not JsonObject { Count: 1 } changes || !changes.ContainsKey("status"))
        {
            return null;
        }

        var after = Patched(kind, StatusOf(before), type, patch);
        return TryDecode(kind, after, options) is (null, var warnings) ? (after, warnings) : null;
    }

    (JsonObject After, IReadOnlyList<string> Warnings) PatchedWhole(ResourceKind kind, JsonObject before, PatchType type, JsonNode patch, WriteOptions options)
    {
        var after = Patched(kind, before, type, patch);
        CheckType(kind, after);
        return (after, DecodePatched(kind, after, options));
    }

    static JsonObject StatusOf(JsonObject obj)
    {
        var status = new JsonObject();
        CopyMember(obj, status, "status");
        return status;
    }

    static JsonObject Patched(ResourceKind kind, JsonObject before, PatchType type, JsonNode patch)
    {
        var after = type switch
        {
            PatchType.Json => JsonPatch.Apply(before, patch as JsonArray ?? throw Undecodable(patch, "[]handlers.jsonPatchOp")),
            PatchType.Merge => MergePatch.Apply(before, patch as JsonObject ?? throw Undecodable(patch, "map[string]interface {}")),
            _ when kind.IsCustom => throw ApiError.UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"),
            _ => StrategicMergePatch.Apply(kind.Schema, before, patch as JsonObject ?? throw Undecodable(patch, "map[string]interface {}")),
        };
        return after as JsonObject ?? throw ApiError.BadRequest("the patched value is no object");
    }

    static KubernetesApiException Undecodable(JsonNode patch, string type)
    {
        var found = patch.GetValueKind() is JsonValueKind.Object ? "object" : patch.GetValueKind() is JsonValueKind.Array ? "array" : "value";
        return ApiError.BadRequest($"error decoding patch: json: cannot unmarshal {found} into Go value of type {type}");
    }

    /// <summary>Records an update under the name of who writes.</summary>
    Action<JsonObject, JsonObject?> Updater(ResourceKind kind, string? subresource, WriteOptions options) => (after, before) =>
        TrackFields.Update(kind, before, after, new ManagedFields.Owner(options.Manager, "Update", kind.Kind.ApiVersion, subresource ?? ""), Now());

    // A uid in a replacement is a precondition; in a patch it is a change.
    static void CheckPrecondition(ResourceKind kind, StoredObject before, JsonObject after)
    {
        if (Meta.ResourceVersion(after) is { Length: > 0 } version && !ulong.TryParse(version, out _))
        {
            throw ApiError.Failure($"strconv.ParseUint: parsing \"{version}\": invalid syntax");
        }

        if (Meta.Uid(after) is { Length: > 0 } uid && uid != Meta.Uid(before.Json))
        {
            throw ApiError.Conflict(kind, before.Key.Name, $"StorageError: invalid object, Code: 4, Key: /registry/{kind.StorageName}/{before.Key.ToString().TrimStart('/')}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {Meta.Uid(before.Json)}");
        }
    }

    static void RefuseOtherUid(ResourceKind kind, StoredObject before, JsonObject after)
    {
        if (Meta.Uid(after) is { Length: > 0 } uid && uid != Meta.Uid(before.Json))
        {
            throw ApiError.Invalid(kind, before.Key.Name, [FieldError.Invalid("metadata.uid", uid, "field is immutable")]);
        }
    }

    /// <summary>The one way in which a stored object changes.</summary>
    StoredObject Save(ResourceKind kind, StoredObject before, JsonObject after, string? subresource, WriteOptions options, Action<JsonObject, JsonObject?>? track)
    {
        var name = before.Key.Name;
        if (Meta.ResourceVersion(after) is { Length: > 0 } version && version != Meta.ResourceVersion(before.Json))
        {
            throw ApiError.Modified(kind, name);
        }

        KeepIdentity(before.Json, after);
        if (subresource == "status")
        {
            after = WithStatus(kind, before.Json, after);
            RefuseInvalid(kind, after, null, ValidateObject.StatusErrors(kind, after, before.Json, options.Warn));
            track?.Invoke(after, before.Json);
        }
        else
        {
            if (kind.HasStatus)
            {
                CopyMember(before.Json, after, "status");
            }

            if (IsNamespace(kind) && subresource != "finalize")
            {
                CopyMember(before.Json.Object("spec") ?? [], after.Ensure("spec"), "finalizers");
            }

            RefuseNewFinalizers(kind, before.Json, after);
            Fill(kind, after, before.Json, options, track);
        }

        if (kind.HasGeneration && subresource != "status" && WantsOther(kind, before.Json, after))
        {
            Meta.Of(after)["generation"] = Meta.Generation(before.Json) + 1;
        }

        if (JsonNode.DeepEquals(before.Json, after))
        {
            return before;
        }

        if (!IsReleased(kind, after) || HoldsOthers(kind, after))
        {
            return Write(kind, after, options.DryRun);
        }

        Remove(kind, before.Key, options.DryRun);
        return new StoredObject(after, _version);
    }

    /// <summary>Serves what a definition in another store defines, which checked it: where a process has many stores, that is most of what a new one costs.</summary>
    /// <param name="other">It has the definition.</param>
    /// <param name="name">The definition's, such as <c>redisclusters.slotwise.dev</c>.</param>
    public void AdoptDefinition(Store other, string name)
    {
        ArgumentNullException.ThrowIfNull(other);
        lock (_gate)
        {
            var kind = Kinds.BuiltIn("customresourcedefinitions");
            var obj = other.Get(other.Kinds.BuiltIn(kind.Kind.Plural), null, name).Json.Clone();
            Meta.Of(obj)["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
            var stored = new StoredObject(obj, _version);
            var collection = CollectionOf(kind);
            collection.Objects = collection.Objects.SetItem(stored.Key, stored);
            Append(kind, collection, new LoggedChange(_version, null, stored));
            Kinds.SetCustom(name, [.. other.Kinds.All.Where(custom => custom.IsCustom && custom.GroupResource == name)]);
        }
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
            var shown = new StoredObject(obj, _version);
            RefuseTooLarge(shown);
            return shown;
        }

        var version = _version + 1;
        Meta.Of(obj)["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        var stored = new StoredObject(kind.ToStored(obj), version);
        RefuseTooLarge(stored);
        _version = version;
        if (kind.StoredAs is null)
        {
            // What was just checked by this kind needs no other look.
            stored.Shown = new ShownObject(kind, stored);
        }

        var collection = CollectionOf(kind);
        var before = collection.Objects.GetValueOrDefault(stored.Key);
        collection.Objects = collection.Objects.SetItem(stored.Key, stored);
        Append(kind, collection, new LoggedChange(version, before, stored));
        if (IsDefinition(kind) && DefinitionNames.ServesOther(before?.Json, stored.Json))
        {
            var ended = Kinds.All.Where(custom => custom.IsCustom && custom.GroupResource == stored.Key.Name).ToList();
            Kinds.SetCustom(stored.Key.Name, CustomKinds.Of(stored.Json));
            ended.ForEach(custom => CollectionOf(custom).Log.Wake());
        }

        return kind.View(stored);
    }

    // The limits of etcd, and of the connection to it. There it is protobuf that is counted, which is somewhat smaller.
    static void RefuseTooLarge(StoredObject obj)
    {
        const int Request = 3 * 512 * 1024;
        const int Message = 2 * 1024 * 1024;
        var size = obj.Utf8.Length;
        if (size > Message)
        {
            throw ApiError.Failure($"rpc error: code = ResourceExhausted desc = trying to send message larger than max ({size} vs. {Message})");
        }

        if (size > Request)
        {
            throw ApiError.Failure("etcdserver: request is too large");
        }
    }
}
