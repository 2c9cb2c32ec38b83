using Slotwise.Kubernetes.Models;

namespace Slotwise.LocalKubernetes.Nodes.Containers;

/// <summary>Which Linux capabilities a container keeps.</summary>
public static class Capabilities
{
    /// <summary>What containerd gives a container that asks for nothing.</summary>
    static readonly string[] Default =
    [
        "audit_write", "chown", "dac_override", "fowner", "fsetid", "kill", "mknod", "net_bind_service", "net_raw", "setfcap", "setgid", "setpcap", "setuid", "sys_chroot",
    ];

    /// <summary>The default ones without those dropped and with those added; drop is applied first, so that "drop ALL, add X" leaves X.</summary>
    public static IReadOnlyList<string> Of(V1Capabilities? wanted)
    {
        var dropped = Normalize(wanted?.Drop);
        var kept = dropped.Contains("all") ? [] : Default.Except(dropped);
        return [.. kept.Concat(Normalize(wanted?.Add)).Distinct().Order(StringComparer.Ordinal)];
    }

    static List<string> Normalize(IReadOnlyList<string>? names) =>
        [.. (names ?? []).Select(name => name.ToLowerInvariant()).Select(name => name.StartsWith("cap_", StringComparison.Ordinal) ? name[4..] : name)];
}
