namespace Slotwise.ObjectStore;

public sealed partial class Store
{
    WriteResult Apply(ResourceKind kind, string? ns, string name, JsonObject configuration, string? subresource, WriteOptions options)
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

    StoredObject CreateByApply(ResourceKind kind, JsonObject given, ManagedFields.Owner owner, WriteOptions options)
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
        Fill(kind, obj, null, options);
        return Insert(kind, obj, options.DryRun);
    }

    /// <summary>Leaves of an applied configuration what its subresource may write.</summary>
    static void Narrow(ResourceKind kind, JsonObject given, string? subresource)
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
}
