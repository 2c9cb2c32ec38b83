using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Runs;

/// <summary>The pods that the operator ends. What they were is known only before it does: a pod that is being deleted gives its role away within moments.</summary>
public sealed partial class RunWorld
{
    readonly Dictionary<ObjectWrite, IReadOnlyList<StoppedPod>> _stopping = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether a pod that was stopped has a successor that serves.</summary>
    public bool IsBackInService(string pod, string uid) => PodOf(pod) is { } present && present.Metadata.Uid != uid && IsReady(present);

    /// <summary>Whether the pod that a server was started in is there.</summary>
    public bool HasPod(ServerProcess server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return PodOf(server.Name) is { } pod && IsIn(server, pod);
    }

    static bool IsIn(ServerProcess server, V1Pod pod) => server.Setup.ConfigFile.Contains(pod.Metadata.Uid!, StringComparison.Ordinal);

    static string SetOf(V1Pod pod) => pod.Metadata.Name![..pod.Metadata.Name!.LastIndexOf('-')];

    void NoteStops(ObjectWrite write)
    {
        if (FindStopped(write) is { Count: > 0 } pods)
        {
            _stopping[write] = pods;
        }
    }

    void TellStops(ObjectWrite write)
    {
        // One that is meant for an earlier pod of the name is refused.
        if (_stopping.Remove(write, out var pods) && pods.Where(pod => write.Kind != "Pod" || !IsThere(pod)).ToList() is { Count: > 0 } stopped)
        {
            ForEachLaw(law => law.Stopped(write, stopped));
        }
    }

    List<StoppedPod> FindStopped(ObjectWrite write) => write switch
    {
        { Kind: "Pod", Verb: "delete" } => PodsWhere(pod => pod.Metadata.Name == write.ObjectName),
        { Kind: "StatefulSet", Verb: "delete" } => PodsWhere(pod => SetOf(pod) == write.ObjectName),
        { Kind: "StatefulSet" } when (write.Body?["spec"] as JsonObject)?["replicas"] is { } replicas =>
            PodsWhere(pod => SetOf(pod) == write.ObjectName && PlaceOf(pod.Metadata.Name!)?.Ordinal >= replicas.GetValue<int>()),
        _ => [],
    };

    List<StoppedPod> PodsWhere(Func<V1Pod, bool> matches) =>
        [.. Kubernetes.Caches.Pods.List().Where(pod => pod.Metadata.DeletionTimestamp is null && PlaceOf(pod.Metadata.Name!) is not null && matches(pod)).Select(Describe)];

    StoppedPod Describe(V1Pod pod)
    {
        var server = Servers.FirstOrDefault(server => IsIn(server, pod));
        return new StoppedPod(
            pod.Metadata.Name!,
            pod.Metadata.Uid!,
            server is { View.IsMaster: true } ? server.View.Slots : SlotSet.Empty,
            server is not null && Servers.Any(other => other.Replication.Master == server && other.View.IsInSync))
        {
            Worked = server is not null && (server.View.IsMaster || server.View.IsInSync),
        };
    }

    bool IsThere(StoppedPod pod) => PodOf(pod.Name) is { Metadata.DeletionTimestamp: null } present && present.Metadata.Uid == pod.Uid;

    V1Pod? PodOf(string name) => Kubernetes.Caches.Pods.Get(new NamespacedName(Key.Namespace, name));
}
