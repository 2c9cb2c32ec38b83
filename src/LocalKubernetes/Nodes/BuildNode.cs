using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes;

/// <summary>The object that stands for this machine. Pure.</summary>
public static class BuildNode
{
    const int MostPods = 250;

    /// <param name="options">Name and zone.</param>
    /// <param name="address">The machine's address among the pods.</param>
    /// <param name="processors">How many it has.</param>
    /// <param name="memory">Bytes.</param>
    /// <param name="now">Since when it is ready.</param>
    public static V1Node Of(NodeOptions options, IPAddress address, int processors, long memory, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(address);
        var architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
        var capacity = new Dictionary<string, Quantity>
        {
            ["cpu"] = processors.ToString(CultureInfo.InvariantCulture),
            ["memory"] = $"{(memory / 1024).ToString(CultureInfo.InvariantCulture)}Ki",
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
            Spec = new V1NodeSpec(),
            Status = new V1NodeStatus
            {
                Capacity = capacity,
                Allocatable = capacity,
                Addresses = [new V1NodeAddress { Type = "InternalIP", Address = address.ToString() }, new V1NodeAddress { Type = "Hostname", Address = options.Name }],
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
