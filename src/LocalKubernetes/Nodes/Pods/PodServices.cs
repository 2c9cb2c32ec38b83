using Microsoft.Extensions.Logging;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Events;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Network;
using Slotwise.LocalKubernetes.Nodes.Containers;
using Slotwise.LocalKubernetes.Nodes.Faults;
using Slotwise.LocalKubernetes.Nodes.Logs;
using Slotwise.LocalKubernetes.Nodes.Probes;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>What every pod of a node uses.</summary>
public sealed record PodServices
{
    public required Instance Instance { get; init; }

    public required NodeOptions Options { get; init; }

    public required IKubernetesApi Api { get; init; }

    public required HostNetwork Network { get; init; }

    public required WantedAddresses Addresses { get; init; }

    public required HostClocks Clocks { get; init; }

    public required IImageStore Images { get; init; }

    public required IContainerRuntime Runtime { get; init; }

    public required LogBook Logs { get; init; }

    public required IConfigObjects Objects { get; init; }

    /// <summary>The directory behind a claim; throws <see cref="Volumes.VolumeException"/> while it is not bound.</summary>
    public required Func<NamespacedName, string> ClaimDirectory { get; init; }

    public required AskProbe Probes { get; init; }

    public required EventRecorder Events { get; init; }

    /// <summary>What the node has, which stands in for limits that are not set.</summary>
    public required IReadOnlyDictionary<string, Quantity> Allocatable { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }
}
