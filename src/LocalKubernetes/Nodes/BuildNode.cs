using System.Globalization;
using System.Runtime.InteropServices;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Network;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>The object that stands for a host. Pure.</summary>
public static class BuildNode
{
    const int MostPods = 250;

    /// <param name="options">Name and zone.</param>
    /// <param name="network">Its address and its pods' range.</param>
    /// <param name="resources">What it has.</param>
    /// <param name="now">Since when it is ready.</param>
    public static V1Node Of(NodeOptions options, HostNetwork network, HostResources resources, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(resources);
        var architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
        var capacity = new Dictionary<string, Quantity>
        {
            ["cpu"] = resources.Processors.ToString(CultureInfo.InvariantCulture),
            ["memory"] = $"{(resources.Memory / 1024).ToString(CultureInfo.InvariantCulture)}Ki",
            ["pods"] = MostPods.ToString(CultureInfo.InvariantCulture),
            ["ephemeral-storage"] = "100Gi",
        };
        return new V1Node
        {
            Metadata = new V1ObjectMeta
            {
                Name = options.Name,
                Labels = new Dictionary<string, string>
                {
                    ["kubernetes.io/hostname"] = options.Name,
                    ["kubernetes.io/os"] = "linux",
                    ["kubernetes.io/arch"] = architecture,
                    ["topology.kubernetes.io/region"] = "local",
                    ["topology.kubernetes.io/zone"] = options.Zone,
                },
            },
            Spec = new V1NodeSpec { PodCIDR = network.Range.ToString(), PodCIDRs = [network.Range.ToString()] },
            Status = new V1NodeStatus
            {
                Capacity = capacity,
                Allocatable = capacity,
                Addresses = [new V1NodeAddress { Type = "InternalIP", Address = network.HostAddress.ToString() }, new V1NodeAddress { Type = "Hostname", Address = options.Name }],
                Conditions =
                [
                    Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                    Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                    Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                    Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
                ],
                NodeInfo = new V1NodeSystemInfo
                {
                    OperatingSystem = "linux",
                    Architecture = architecture,
                    OsImage = "LocalKubernetes",
                    KernelVersion = System.Environment.OSVersion.Version.ToString(),
                    ContainerRuntimeVersion = "bubblewrap://0",
                    KubeletVersion = Api.ApiServer.Version,
                },
            },
        };

        V1NodeCondition Condition(string type, string status, string reason, string message) =>
            new() { Type = type, Status = status, Reason = reason, Message = message, LastHeartbeatTime = now, LastTransitionTime = now };
    }
}
