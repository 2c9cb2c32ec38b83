namespace Slotwise.LocalKubernetes.Api.Requests;

/// <summary>What the path of a request names: a collection, an object, or a part of one.</summary>
public sealed record ApiPath(string Group, string Version, string? Namespace, string Plural, string? Name, string? Subresource)
{
    /// <summary>Reads <c>/api/v1/...</c> and <c>/apis/GROUP/VERSION/...</c>; null for every other path.</summary>
    public static ApiPath? Parse(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        return parts switch
        {
            ["api", var version, .. var rest] => Parse("", version, rest),
            ["apis", var group, var version, .. var rest] => Parse(group, version, rest),
            _ => null,
        };
    }

    static ApiPath? Parse(string group, string version, string[] rest) => rest switch
    {
        // These belong to the namespace itself.
        ["namespaces", var name, "status" or "finalize"] when group.Length == 0 => new(group, version, null, "namespaces", name, rest[2]),
        ["namespaces", var ns, var plural] => new(group, version, ns, plural, null, null),
        ["namespaces", var ns, var plural, var name] => new(group, version, ns, plural, name, null),
        ["namespaces", var ns, var plural, var name, var subresource] => new(group, version, ns, plural, name, subresource),
        ["namespaces", _, _, _, _, ..] => null,
        [var plural] => new(group, version, null, plural, null, null),
        [var plural, var name] => new(group, version, null, plural, name, null),
        [var plural, var name, var subresource] => new(group, version, null, plural, name, subresource),
        _ => null,
    };
}
