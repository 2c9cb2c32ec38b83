using System.Reflection;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>The ConfigMap with redis.conf and the scripts that run in the pods.</summary>
public static class ConfigMaps
{
    public const string RedisConfKey = "redis.conf";
    public const string StartScript = "start.sh";
    public const string ProbeScript = "probe.sh";

    public const string StopScript = "prestop.sh";

    /// <summary>Read by the others: how they ask servers.</summary>
    public const string QueryScript = "query.sh";

    /// <summary>Read by <see cref="StartScript"/>: whether the server may start at all.</summary>
    public const string GateScript = "gate.sh";

    /// <summary>Read by <see cref="StartScript"/> and <see cref="ProbeScript"/>: how full the volume is.</summary>
    public const string VolumeScript = "volume.sh";

    /// <summary>Read by <see cref="StartScript"/> and <see cref="ProbeScript"/>: keeps room on the volume for nodes.conf.</summary>
    public const string ReserveScript = "reserve.sh";

    static readonly string Start = Script(StartScript);
    static readonly string Gate = Script(GateScript);
    static readonly string Probe = Script(ProbeScript);
    static readonly string Query = Script(QueryScript);
    static readonly string Stop = Script(StopScript);
    static readonly string Volume = Script(VolumeScript);
    static readonly string Reserve = Script(ReserveScript);

    /// <summary>The ConfigMap.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="directives">The directives of redis.conf that the operator does not own; null for what the spec says.</param>
    public static V1ConfigMap Build(RedisCluster cluster, IReadOnlyDictionary<string, string>? directives = null)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var config = RedisConfig.Render(cluster, directives ?? RedisConfig.Directives(cluster, RedisConfig.MemoryLimit(cluster.Spec.Resources)));
        return Wishes.Of(cluster, nameof(ConfigMaps), config, () => new V1ConfigMap
        {
            Metadata = ClusterMetadata.Owned(cluster, ClusterNames.ConfigMap(cluster.Metadata.Name!)),
            Data = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                [RedisConfKey] = config,
                [StartScript] = Start,
                [GateScript] = Gate,
                [ProbeScript] = Probe,
                [QueryScript] = Query,
                [StopScript] = Stop,
                [VolumeScript] = Volume,
                [ReserveScript] = Reserve,
            },
        });
    }

    static string Script(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded in this assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
