namespace Slotwise.ObjectStore.Kinds;

/// <summary>The kinds that are served now: the built-in ones, and those that CustomResourceDefinitions added.</summary>
public sealed class KindRegistry
{
    readonly Lock _gate = new();
    List<ResourceKind> _kinds = [.. BuiltInKinds.All];

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<ResourceKind> All => _kinds;

    /// <summary>Counts changes, so that what is derived from the kinds can be kept until it is stale.</summary>
    public long Revision { get; private set; }

    public ResourceKind? Find(string group, string version, string plural) =>
        _kinds.Find(kind => kind.Kind.Group == group && kind.Kind.Version == version && kind.Kind.Plural == plural);

    public ResourceKind? FindKind(string apiVersion, string kind) =>
        _kinds.Find(one => one.Kind.ApiVersion == apiVersion && one.Kind.Kind == kind);

    /// <exception cref="KubernetesApiException">404: the kind is not served.</exception>
    public ResourceKind Get(KubernetesKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return Find(kind.Group, kind.Version, kind.Plural)
            ?? throw ApiError.Of(System.Net.HttpStatusCode.NotFound, "NotFound", "the server could not find the requested resource", null);
    }

    internal ResourceKind BuiltIn(string plural) => _kinds.First(kind => !kind.IsCustom && kind.Kind.Plural == plural);

    /// <summary>Replaces the custom kinds of one group and plural name.</summary>
    internal void SetCustom(string groupResource, IReadOnlyList<ResourceKind> kinds)
    {
        lock (_gate)
        {
            _kinds = [.. _kinds.Where(kind => !kind.IsCustom || kind.GroupResource != groupResource), .. kinds];
            Revision++;
        }
    }
}
