using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Admission.PodSecurity;

/// <summary>What the standard <c>restricted</c> forbids beyond <c>baseline</c>.</summary>
static class RestrictedChecks
{
    static readonly HashSet<string> AllowedVolumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

    public static Violation? PrivilegeEscalation(CheckedPod pod)
    {
        var containers = pod.Where(context => context.Flag("allowPrivilegeEscalation") != false);
        return containers.Count == 0 ? null : new Violation("allowPrivilegeEscalation != false", $"{CheckedPod.Name(containers)} must set securityContext.allowPrivilegeEscalation=false");
    }

    public static Violation? Capabilities(CheckedPod pod)
    {
        var bad = new SortedSet<string>(StringComparer.Ordinal);
        var keeping = pod.Where(context => !context.Object("capabilities").Array("drop").Texts().Contains("ALL"));
        var adding = pod.Where(context => BaselineChecks.Added(context).Where(capability => capability != "NET_BIND_SERVICE").Select(bad.Add).ToList().Count > 0);
        List<string> details = [];
        if (keeping.Count > 0)
        {
            details.Add($"{CheckedPod.Name(keeping)} must set securityContext.capabilities.drop=[\"ALL\"]");
        }

        if (adding.Count > 0)
        {
            details.Add($"{CheckedPod.Name(adding)} must not include {CheckedPod.Quote(bad)} in securityContext.capabilities.add");
        }

        return details.Count == 0 ? null : new Violation("unrestricted capabilities", string.Join("; ", details));
    }

    public static Violation? Volumes(CheckedPod pod)
    {
        var types = new SortedSet<string>(StringComparer.Ordinal);
        List<string> bad = [];
        foreach (var volume in pod.Volumes)
        {
            var type = volume.Select(member => member.Key).FirstOrDefault(name => name != "name") ?? "emptyDir";
            if (!AllowedVolumes.Contains(type))
            {
                bad.Add(volume.Text("name") ?? "");
                types.Add(type);
            }
        }

        return bad.Count == 0 ? null : new Violation(
            "restricted volume types",
            $"{(bad.Count == 1 ? "volume" : "volumes")} {CheckedPod.Quote(bad)} {(bad.Count == 1 ? "uses" : "use")} restricted volume {(types.Count == 1 ? "type" : "types")} {CheckedPod.Quote(types)}");
    }

    public static Violation? NonRoot(CheckedPod pod)
    {
        const string Reason = "runAsNonRoot != true";
        var byPod = pod.Context.Flag("runAsNonRoot");
        var rooted = pod.Where(context => context.Flag("runAsNonRoot") == false);
        if (byPod == false || rooted.Count > 0)
        {
            return new Violation(Reason, $"{CheckedPod.Setters(byPod == false, rooted)} must not set securityContext.runAsNonRoot=false");
        }

        var silent = byPod == true ? [] : pod.Where(context => context.Flag("runAsNonRoot") is null);
        return silent.Count == 0 ? null : new Violation(Reason, $"pod or {CheckedPod.Name(silent)} must set securityContext.runAsNonRoot=true");
    }

    public static Violation? User(CheckedPod pod)
    {
        var byPod = pod.Context.Number("runAsUser") == 0;
        var containers = pod.Where(context => context.Number("runAsUser") == 0);
        return !byPod && containers.Count == 0 ? null : new Violation("runAsUser=0", $"{CheckedPod.Setters(byPod, containers)} must not set runAsUser=0");
    }

    public static Violation? Seccomp(CheckedPod pod)
    {
        if (BaselineChecks.Seccomp(pod) is { } bad)
        {
            return bad;
        }

        var silent = HasProfile(pod.Context) ? [] : pod.Where(context => !HasProfile(context));
        return silent.Count == 0 ? null : new Violation(
            "seccompProfile", $"pod or {CheckedPod.Name(silent)} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"");

        static bool HasProfile(JsonObject? context) => context.Object("seccompProfile").Text("type") is not null;
    }
}
