using System.Runtime.CompilerServices;
using Slotwise.Entities;

namespace Slotwise.Reconcilers.Resources;

/// <summary>
/// Desired objects that follow from a resource's identity and spec, built once for both: every pass asks for them, for some several times a shard, and a comparison with what
/// is there knows its answer by the object that it was asked with. They are never changed.
/// </summary>
static class Wishes
{
    static readonly ConditionalWeakTable<RedisClusterSpec, SortedDictionary<string, object>> Known = [];

    /// <param name="cluster">The resource. Its spec is another object only when it says something else (ClusterInformers sees to that).</param>
    /// <param name="what">What is built.</param>
    /// <param name="details">What else decides about it.</param>
    /// <param name="build">Builds it.</param>
    public static T Of<T>(RedisCluster cluster, string what, string details, Func<T> build)
        where T : class
    {
        var metadata = cluster.Metadata;
        var key = $"{what} {metadata.NamespaceProperty}/{metadata.Name}/{metadata.Uid} {details}";
        var known = Known.GetOrAdd(cluster.Spec, _ => new SortedDictionary<string, object>(StringComparer.Ordinal));
        lock (known)
        {
            if (!known.TryGetValue(key, out var wish))
            {
                known[key] = wish = build();
            }

            return (T)wish;
        }
    }
}
