namespace Slotwise.ObjectStore;

public sealed partial class Store
{
    WriteResult Apply(ResourceKind kind, string? ns, string name, JsonObject configuration, string? subresource, WriteOptions options)
    {
        var given = configuration.Clone();
        if (given.Text("apiVersion") is null || given.Text("kind") is null)
        {
            throw ApiError.BadRequest($"invalid object type: {TypeOf(given.Text("apiVersion") ?? "", given.Text("kind") ?? "")}");
        }

        CheckType(kind, given);
        var asGiven = given.Object("metadata");
        var named = $"{asGiven.Text("namespace")}/{asGiven.Text("name")}";
        CheckIdentity(kind, ns, name, given);
        if (given.Object("metadata")?["managedFields"] is not null)
        {
            throw ApiError.BadRequest("metadata.managedFields must be nil");
        }

        var unknown = PruneSchema.Apply(kind.Schema, given);
        if (unknown.Count > 0)
        {
            var list = unknown.Select(path => $".{path}: field not declared in schema").ToList();
            throw ApiError.Failure($"failed to create typed patch object ({named}; {TypeOf(kind.Kind.ApiVersion, kind.Kind.Kind)}): {(list.Count == 1 ? list[0] : $"errors:\n  {string.Join("\n  ", list)}")}");
        }

        if (!kind.IsCustom && UnreadableValue.Find(kind.Schema, given) is { } unreadable)
        {
            throw ApiError.Failure($"failed to create typed patch object ({named}; {TypeOf(kind.Kind.ApiVersion, kind.Kind.Kind)}): {unreadable}");
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
        RefuseOtherUid(kind, before, given);
        var version = Meta.ResourceVersion(given);
        var merged = TrackFields.Apply(kind, before.Json, given, owner, options.Force, Now());
        if (version is not null)
        {
            Meta.Of(merged)["resourceVersion"] = version;
        }

        return new WriteResult(Save(kind, before, merged, subresource, options, track: null), false, []);
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
        Fill(kind, obj, null, options, track: null);
        return Insert(kind, obj, options.DryRun);
    }

    static string TypeOf(string apiVersion, string kind) => $"{(apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion : "/" + apiVersion)}, Kind={kind}";

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

        var part = subresource == "scale" ? "spec" : subresource;
        foreach (var name in given.Select(member => member.Key).Where(name => name is not ("apiVersion" or "kind" or "metadata") && name != part).ToList())
        {
            given.Remove(name);
        }

        foreach (var name in Meta.Of(given).Select(member => member.Key).Where(name => name is not ("name" or "namespace" or "uid" or "resourceVersion")).ToList())
        {
            Meta.Of(given).Remove(name);
        }
    }
}
