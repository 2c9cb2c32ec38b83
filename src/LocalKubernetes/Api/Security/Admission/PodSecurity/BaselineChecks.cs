using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Admission.PodSecurity;

/// <summary>What the standard <c>baseline</c> forbids. See <c>k8s.io/pod-security-admission/policy</c>; AppArmor, SELinux and Windows mean nothing here and are not looked at.</summary>
static class BaselineChecks
{
    static readonly HashSet<string> AllowedCapabilities =
    [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ];

    static readonly HashSet<string> AllowedSysctls =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ];

    public static Violation? Capabilities(CheckedPod pod)
    {
        var bad = new SortedSet<string>(StringComparer.Ordinal);
        var containers = pod.Where(context => Added(context).Where(capability => !AllowedCapabilities.Contains(capability)).Select(bad.Add).ToList().Count > 0);
        return containers.Count == 0 ? null : new Violation("non-default capabilities", $"{CheckedPod.Name(containers)} must not include {CheckedPod.Quote(bad)} in securityContext.capabilities.add");
    }

    public static Violation? HostNamespaces(CheckedPod pod)
    {
        var set = ((string[])["hostNetwork", "hostPID", "hostIPC"]).Where(name => pod.Spec.Flag(name) == true).Select(name => $"{name}=true").ToList();
        return set.Count == 0 ? null : new Violation("host namespaces", string.Join(", ", set));
    }

    public static Violation? HostPaths(CheckedPod pod)
    {
        var volumes = pod.Volumes.Where(volume => volume.Object("hostPath") is not null).Select(volume => volume.Text("name") ?? "").ToList();
        return volumes.Count == 0 ? null : new Violation("hostPath volumes", $"{(volumes.Count == 1 ? "volume" : "volumes")} {CheckedPod.Quote(volumes)}");
    }

    public static Violation? HostPorts(CheckedPod pod)
    {
        var used = new SortedSet<string>(StringComparer.Ordinal);
        var containers = pod.Containers.Where(container => Ports(container).Select(port => used.Add(port.ToString(CultureInfo.InvariantCulture))).ToList().Count > 0)
            .Select(container => container.Text("name") ?? "").ToList();
        return containers.Count == 0 ? null : new Violation(
            "hostPort", $"{CheckedPod.Name(containers)} {(containers.Count == 1 ? "uses" : "use")} {(used.Count == 1 ? "hostPort" : "hostPorts")} {string.Join(", ", used)}");

        static IEnumerable<long> Ports(JsonObject container) =>
            (container.Array("ports") ?? []).OfType<JsonObject>().Select(port => port.Number("hostPort") ?? 0).Where(port => port != 0);
    }

    public static Violation? Privileged(CheckedPod pod)
    {
        var containers = pod.Where(context => context.Flag("privileged") == true);
        return containers.Count == 0 ? null : new Violation("privileged", $"{CheckedPod.Name(containers)} must not set securityContext.privileged=true");
    }

    public static Violation? ProcMount(CheckedPod pod)
    {
        var containers = pod.Where(context => context.Text("procMount") is { } mount && mount != "Default");
        return containers.Count == 0 ? null : new Violation("procMount", $"{CheckedPod.Name(containers)} must not set securityContext.procMount to \"Unmasked\"");
    }

    public static Violation? Seccomp(CheckedPod pod)
    {
        var bad = new SortedSet<string>(StringComparer.Ordinal);
        var byPod = IsBad(pod.Context);
        var containers = pod.Where(IsBad);
        return bad.Count == 0 ? null : new Violation(
            "seccompProfile", $"{CheckedPod.Setters(byPod, containers)} must not set securityContext.seccompProfile.type to {CheckedPod.Quote(bad)}");

        bool IsBad(JsonObject? context)
        {
            var type = context.Object("seccompProfile").Text("type");
            var isBad = type is not (null or "RuntimeDefault" or "Localhost");
            if (isBad)
            {
                bad.Add(type!);
            }

            return isBad;
        }
    }

    public static Violation? Sysctls(CheckedPod pod)
    {
        var bad = (pod.Context.Array("sysctls") ?? []).OfType<JsonObject>().Select(sysctl => sysctl.Text("name") ?? "").Where(name => !AllowedSysctls.Contains(name)).ToList();
        return bad.Count == 0 ? null : new Violation("forbidden sysctls", string.Join(", ", bad));
    }

    internal static IEnumerable<string> Added(JsonObject? context) => context.Object("capabilities").Array("add").Texts();
}
