using Slotwise.Reconcilers.Resources;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers;

/// <summary>Starts simulated Redis servers for containers, the way the start script does; whatever else a pod has just runs.</summary>
public sealed class RedisContainers(RedisWorld redis) : IContainerRuntime
{
    readonly SortedDictionary<string, RedisContainer> _newest = new(StringComparer.Ordinal);

    /// <summary>Whether no server waits at its gate: the fault of a mutant.</summary>
    public bool StartsAlways { get; init; }

    /// <summary>The server of a pod, by the pod's name: the one that was started last.</summary>
    public RedisContainer? Find(string pod) => _newest.GetValueOrDefault(pod);

    /// <summary>What waits at its gate at an address.</summary>
    internal StartGate? FindGate(string address) => _newest.Values.FirstOrDefault(container => container is { End: null, Gate.IsWaiting: true } && container.Address == address)?.Gate;

    public IContainer Start(ContainerStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return start.Container.Name == ClusterNames.RedisContainer ? _newest[start.Pod.Metadata.Name!] = new RedisContainer(this, redis, start) : new Companion();
    }
}
