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
            RefuseSystemNamespace(kind, name);
            CheckPreconditions(kind, before, options);
            var after = before.Json.Clone();
            AddPropagation(after, options.PropagationPolicy);
            MarkDeleting(kind, after, GraceOf(kind, before.Json, options));
            if (IsDefinition(kind) && HoldsOthers(kind, after))
            {
                BeginCleanup(after);
            }

            if (IsReleased(kind, after) && !HoldsOthers(kind, after))
            {
                // Watchers of a pod or a namespace are told that it ends before they are told that it is gone.
                var last = EndsGracefully(kind) || IsNamespace(kind) ? Write(kind, after, dryRun) : before;
                Remove(kind, before.Key, dryRun);
                return new DeleteResult(last, true);
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
    /// <returns>Them, as they were.</returns>
    public IReadOnlyList<StoredObject> DeleteAll(ResourceKind kind, string? ns, ListQuery query, DeleteOptions options, bool dryRun = false)
    {
        lock (_gate)
        {
            var selected = List(kind, ns, query with { Limit = null }).Items;
            foreach (var stored in selected)
            {
                Delete(kind, stored.Key.Namespace, stored.Key.Name, options, dryRun);
            }

            return selected;
        }
    }

    static void CheckPreconditions(ResourceKind kind, StoredObject before, DeleteOptions options)
    {
        if (options.PreconditionUid is { } uid && uid != Meta.Uid(before.Json))
        {
            throw Unmet($"the UID in the precondition ({uid}) does not match the UID in record ({Meta.Uid(before.Json)}). The object might have been deleted and then recreated");
        }

        if (options.PreconditionResourceVersion is { } version && version != Meta.ResourceVersion(before.Json))
        {
            throw Unmet($"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({Meta.ResourceVersion(before.Json)}). The object might have been modified");
        }

        // Named by its kind, unlike other conflicts.
        KubernetesApiException Unmet(string why)
        {
            var qualified = kind.Kind.Group.Length == 0 ? kind.Kind.Kind : $"{kind.Kind.Kind}.{kind.Kind.Group}";
            var about = new V1StatusDetails { Name = before.Key.Name, Kind = kind.Kind.Kind, Group = kind.Kind.Group.Length == 0 ? null : kind.Kind.Group };
            return ApiError.Of(System.Net.HttpStatusCode.Conflict, "Conflict", $"Operation cannot be fulfilled on {qualified} \"{before.Key.Name}\": {why}", about);
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
        if (Meta.IsDeleting(obj) && (metadata.Number("deletionGracePeriodSeconds") ?? 0) <= grace)
        {
            return;
        }

        if (!Meta.IsDeleting(obj) && kind.HasGeneration)
        {
            metadata["generation"] = Meta.Generation(obj) + 1;
        }

        metadata["deletionTimestamp"] = Meta.Time(_options.Time.GetUtcNow().AddSeconds(grace));
        if (!IsNamespace(kind))
        {
            metadata["deletionGracePeriodSeconds"] = grace;
        }
        else
        {
            obj.Ensure("status")["phase"] = "Terminating";
        }
    }

    /// <summary>Only pods end gracefully, and only those that run somewhere.</summary>
    static long GraceOf(ResourceKind kind, JsonObject obj, DeleteOptions options)
    {
        if (!EndsGracefully(kind))
        {
            return 0;
        }

        var running = obj.At("spec.nodeName").AsText() is { Length: > 0 } && obj.At("status.phase").AsText() is not ("Succeeded" or "Failed");
        var asked = options.GracePeriodSeconds ?? obj.At("spec.terminationGracePeriodSeconds").AsNumber() ?? 30;
        return !running ? 0 : asked < 0 ? 1 : asked;
    }

    static bool EndsGracefully(ResourceKind kind) => kind is { IsCustom: false, Kind: { Plural: "pods", Group: "" } };

    static bool IsNamespace(ResourceKind kind) => kind is { IsCustom: false, Kind.Plural: "namespaces" };

    static void RefuseSystemNamespace(ResourceKind kind, string name)
    {
        if (IsNamespace(kind) && name is "default" or "kube-system" or "kube-public")
        {
            throw ApiError.Forbidden(kind, name, "this namespace may not be deleted");
        }
    }

    /// <summary>Whether nothing holds an object that is to be deleted.</summary>
    static bool IsReleased(ResourceKind kind, JsonObject obj) =>
        Meta.IsDeleting(obj) && !Meta.Finalizers(obj).Any() && (obj.Object("metadata").Number("deletionGracePeriodSeconds") ?? 0) == 0
        // A namespace's own finalizer is the one of its contents, which the store looks at itself.
        && (!IsNamespace(kind) || obj.Object("spec").Array("finalizers").Texts().All(finalizer => finalizer == "kubernetes"));

    static void RefuseNewFinalizers(ResourceKind kind, JsonObject before, JsonObject after)
    {
        var added = Meta.IsDeleting(before) ? Meta.Finalizers(after).Except(Meta.Finalizers(before)).ToList() : [];
        if (added.Count > 0)
        {
            var list = string.Join(", ", added.Select(finalizer => $"\"{finalizer}\""));
            throw ApiError.Invalid(kind, Meta.Name(before), [FieldError.Forbidden("metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}")]);
        }
    }

    void Remove(ResourceKind kind, NamespacedName key, bool dryRun)
    {
        if (dryRun)
        {
            return;
        }

        var collection = CollectionOf(kind);
        var last = collection.Objects[key];
        collection.Objects = collection.Objects.Remove(key);
        Append(kind, collection, new LoggedChange(++_version, last, null));
        RemoveEmptied(kind, key);
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
        if (IsReleased(kind, left))
        {
            Remove(kind, holder.Key, dryRun: false);
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
