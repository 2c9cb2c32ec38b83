using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Admission.PodSecurity;

/// <summary>A Pod Security Standard and the version that was asked for; the checks are always those of the newest.</summary>
/// <param name="Name"><c>privileged</c>, <c>baseline</c> or <c>restricted</c>.</param>
sealed partial record SecurityLevel(string Name, string Version)
{
    public const string Prefix = "pod-security.kubernetes.io/";

    static readonly string[] Names = ["privileged", "baseline", "restricted"];

    public bool IsRestricted => Name == "restricted";

    public bool ForbidsNothing => Name == "privileged";

    /// <summary>What a namespace's labels say for a mode: <c>enforce</c> or <c>warn</c>.</summary>
    public static SecurityLevel Of(JsonObject? ns, string mode)
    {
        var labels = ns.Object("metadata").Object("labels");
        return new SecurityLevel(labels.Text(Prefix + mode) ?? "privileged", labels.Text($"{Prefix}{mode}-version") ?? "latest");
    }

    /// <summary>Labels that no version of Kubernetes understands.</summary>
    public static IEnumerable<FieldError> Validate(JsonObject ns)
    {
        foreach (var mode in (string[])["enforce", "audit", "warn"])
        {
            var level = Of(ns, mode);
            if (!Names.Contains(level.Name))
            {
                yield return FieldError.Invalid($"metadata.labels[{Prefix}{mode}]", level.Name, "must be one of privileged, baseline, restricted");
            }

            if (level.Version != "latest" && !MinorVersion().IsMatch(level.Version))
            {
                yield return FieldError.Invalid($"metadata.labels[{Prefix}{mode}-version]", level.Version, "must be \"latest\" or \"v1.x\"");
            }
        }
    }

    public override string ToString() => $"{Name}:{Version}";

    [GeneratedRegex(@"^v1\.(0|[1-9][0-9]*)$")]
    private static partial Regex MinorVersion();
}
