namespace Slotwise.ObjectStore;

public sealed partial class Store
{
    const string ForegroundFinalizer = "foregroundDeletion";
    const string OrphanFinalizer = "orphan";
    const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    /// <summary>
    /// Asks for the deletion of an object. It goes at once, unless it has finalizers, or is a pod that still has to end
    /// (whoever runs it deletes it again with a grace period of 0), or contains others.
    /// </summary>
    /// <exception cref="KubernetesApiException">404; 409: a precondition does not hold.</exception>
    public DeleteResult Delete(ResourceKind kind, string? ns, string name, DeleteOptions options, bool dryRun = false)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(options);
        lock (_gate)
        {
            var before = Get(kind, ns, name);
            CheckPreconditions(kind, before, options);
            var after = before.Json.Clone();
            AddPropagation(after, options.PropagationPolicy);
            MarkDeleting(kind, after, GraceOf(kind, before.Json, options));
            if (IsDefinition(kind) && HoldsOthers(kind, after))
            {
                BeginCleanup(after);
            }

            if (IsReleased(after) && !HoldsOthers(kind, after))
            {
                return new DeleteResult(Remove(kind, after, dryRun), true);
            }

            if (JsonNode.DeepEquals(before.Json, after))
            {
                return new DeleteResult(before, false);
            }

            var written = Write(kind, after, dryRun);
            if (!dryRun)
            {
                DeleteContents(kind, after);
            }

            var left = Find(kind, ns, name);
            return new DeleteResult(left is null ? written : kind.View(left), left is null && !dryRun);
        }
    }

    /// <summary>Asks for the deletion of all objects that a query selects.</summary>
    public IReadOnlyList<StoredObject> DeleteAll(ResourceKind kind, string? ns, ListQuery query, DeleteOptions options, bool dryRun = false)
    {
        lock (_gate)
        {
            return [.. List(kind, ns, query with { Limit = null }).Items.Select(stored => Delete(kind, stored.Key.Namespace, stored.Key.Name, options, dryRun).Object)];
        }
    }

    static void CheckPreconditions(ResourceKind kind, StoredObject before, DeleteOptions options)
    {
        if (options.PreconditionUid is { } uid && uid != Meta.Uid(before.Json))
        {
            throw ApiError.Conflict(kind, before.Key.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {Meta.Uid(before.Json)}");
        }

        if (options.PreconditionResourceVersion is { } version && version != Meta.ResourceVersion(before.Json))
        {
            throw ApiError.Conflict(kind, before.Key.Name, $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {Meta.ResourceVersion(before.Json)}");
        }
    }

    /// <summary>What becomes of dependents is left to the garbage collector, which sees these finalizers.</summary>
    static void AddPropagation(JsonObject obj, string? policy)
    {
        var wanted = policy switch { "Foreground" => ForegroundFinalizer, "Orphan" => OrphanFinalizer, _ => null };
        if (policy is null)
        {
            return;
        }

        var finalizers = Meta.Finalizers(obj).Where(finalizer => finalizer is not (ForegroundFinalizer or OrphanFinalizer)).ToList();
        if (wanted is not null)
        {
            finalizers.Add(wanted);
        }

        SetFinalizers(obj, finalizers);
    }

    static void SetFinalizers(JsonObject obj, List<string> finalizers)
    {
        if (finalizers.Count == 0)
        {
            Meta.Of(obj).Remove("finalizers");
        }
        else
        {
            Meta.Of(obj)["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]);
        }
    }

    void MarkDeleting(ResourceKind kind, JsonObject obj, long grace)
    {
        var metadata = Meta.Of(obj);
        if (metadata.Number("deletionGracePeriodSeconds") is { } given && given <= grace && Meta.IsDeleting(obj))
        {
            return;
        }

        if (!Meta.IsDeleting(obj) && kind.HasGeneration)
        {
            metadata["generation"] = Meta.Generation(obj) + 1;
        }

        metadata["deletionTimestamp"] = Meta.Time(_options.Time.GetUtcNow().AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        if (kind.Kind.Plural == "namespaces" && kind.Kind.Group.Length == 0)
        {
            obj.Ensure("status")["phase"] = "Terminating";
        }
    }

    /// <summary>Only pods end gracefully, and only those that run somewhere.</summary>
    static long GraceOf(ResourceKind kind, JsonObject obj, DeleteOptions options)
    {
        if (kind.Kind.Plural != "pods" || kind.Kind.Group.Length > 0)
        {
            return 0;
        }

        var running = obj.At("spec.nodeName").AsText() is { Length: > 0 } && obj.At("status.phase").AsText() is not ("Succeeded" or "Failed");
        return running ? Math.Max(0, options.GracePeriodSeconds ?? obj.At("spec.terminationGracePeriodSeconds").AsNumber() ?? 30) : 0;
    }

    static bool IsReleased(JsonObject obj) =>
        Meta.IsDeleting(obj) && !Meta.Finalizers(obj).Any() && (obj.Object("metadata").Number("deletionGracePeriodSeconds") ?? 0) == 0;

    static void RefuseNewFinalizers(ResourceKind kind, JsonObject before, JsonObject after)
    {
        var added = Meta.IsDeleting(before) ? Meta.Finalizers(after).Except(Meta.Finalizers(before)).ToList() : [];
        if (added.Count > 0)
        {
            var list = string.Join(", ", added.Select(finalizer => $"\"{finalizer}\""));
            throw ApiError.Invalid(kind, Meta.Name(before), [FieldError.Forbidden("metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}")]);
        }
    }

    StoredObject Remove(ResourceKind kind, JsonObject obj, bool dryRun)
    {
        if (HoldsOthers(kind, obj))
        {
            return Write(kind, obj, dryRun);
        }

        if (dryRun)
        {
            return new StoredObject(obj, _version);
        }

        var version = ++_version;
        var collection = CollectionOf(kind);
        var key = new NamespacedName(Meta.Namespace(obj), Meta.Name(obj));
        var last = WithVersion(new StoredObject(kind.ToStored(obj), version), version);
        collection.Objects = collection.Objects.Remove(key);
        collection.Log.Append(new LoggedChange(version, last, null));
        RemoveEmptied(kind, key);
        return kind.View(last);
    }

    // ---- what contains others: a namespace its objects, a definition the objects of its kind ----

    bool HoldsOthers(ResourceKind kind, JsonObject obj) => ContentsOf(kind, Meta.Name(obj)).Any();

    void DeleteContents(ResourceKind kind, JsonObject obj)
    {
        foreach (var (contentKind, stored) in ContentsOf(kind, Meta.Name(obj)).ToList())
        {
            // One deletion may take others with it.
            if (!Meta.IsDeleting(stored.Json) && Find(contentKind, stored.Key.Namespace, stored.Key.Name) is not null)
            {
                Delete(contentKind, stored.Key.Namespace, stored.Key.Name, new DeleteOptions { PropagationPolicy = "Background" });
            }
        }
    }

    IEnumerable<(ResourceKind Kind, StoredObject Object)> ContentsOf(ResourceKind kind, string name) => kind.Kind.Plural switch
    {
        "namespaces" when !kind.IsCustom => Everything(name),
        "customresourcedefinitions" when !kind.IsCustom => Kinds.All
            .Where(custom => custom.IsCustom && custom.StoredAs is null && custom.GroupResource == name)
            .SelectMany(custom => CollectionOf(custom).Objects.Values.Select(stored => (custom, stored))),
        _ => [],
    };

    /// <summary>Lets go of what only waited for this object to leave.</summary>
    void RemoveEmptied(ResourceKind kind, NamespacedName key)
    {
        if (kind.Kind.Plural == "customresourcedefinitions" && !kind.IsCustom)
        {
            foreach (var custom in Kinds.All.Where(custom => custom.IsCustom && custom.GroupResource == key.Name).ToList())
            {
                Kinds.SetCustom(key.Name, []);
                CollectionOf(custom).Log.Wake();
            }
        }

        if (key.Namespace.Length > 0)
        {
            RemoveIfEmptied(Kinds.BuiltIn("namespaces"), key.Namespace);
        }

        if (kind.IsCustom)
        {
            RemoveIfEmptied(Kinds.BuiltIn("customresourcedefinitions"), kind.GroupResource);
        }
    }

    void RemoveIfEmptied(ResourceKind kind, string name)
    {
        if (Find(kind, null, name) is not { } holder || HoldsOthers(kind, holder.Json))
        {
            return;
        }

        var left = holder.Json.Clone();
        SetFinalizers(left, [.. Meta.Finalizers(left).Where(finalizer => finalizer != CleanupFinalizer)]);
        if (IsReleased(left))
        {
            Remove(kind, left, dryRun: false);
        }
    }

    /// <summary>A definition says that it waits for its objects, as it does in Kubernetes.</summary>
    void BeginCleanup(JsonObject definition)
    {
        if (!Meta.Finalizers(definition).Contains(CleanupFinalizer))
        {
            SetFinalizers(definition, [.. Meta.Finalizers(definition), CleanupFinalizer]);
        }

        DefinitionNames.Set(definition.Ensure("status"), "Terminating", true, "InstanceDeletionInProgress", "CustomResource deletion is in progress", this);
    }

    static bool IsDefinition(ResourceKind kind) => kind.Kind.Plural == "customresourcedefinitions" && !kind.IsCustom;

    void RefuseTerminatingDefinition(ResourceKind kind)
    {
        if (kind.IsCustom && Find(Kinds.BuiltIn("customresourcedefinitions"), null, kind.GroupResource) is { } definition && Meta.IsDeleting(definition.Json))
        {
            throw ApiError.MethodNotAllowed("create not allowed while custom resource definition is terminating");
        }
    }
}
