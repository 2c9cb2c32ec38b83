using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.ObjectStore;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Security.Admission.PodSecurity;

/// <summary>Refuses pods that do not fit what their namespace's labels <c>enforce</c>, and warns of what does not fit what they say to <c>warn</c> of.</summary>
public sealed class PodSecurityAdmission : IAdmission
{
    static readonly Func<CheckedPod, Violation?>[] Common = [BaselineChecks.HostNamespaces, BaselineChecks.HostPorts, BaselineChecks.Privileged, BaselineChecks.ProcMount];

    // In the order in which Kubernetes tells them: by name, those that restricted adds or tightens last.
    static readonly Func<CheckedPod, Violation?>[] Baseline =
    [
        BaselineChecks.Capabilities, BaselineChecks.HostNamespaces, BaselineChecks.HostPaths, .. Common[1..], BaselineChecks.Seccomp, BaselineChecks.Sysctls,
    ];

    static readonly Func<CheckedPod, Violation?>[] Restricted =
    [
        .. Common, BaselineChecks.Sysctls, RestrictedChecks.PrivilegeEscalation, RestrictedChecks.Capabilities, RestrictedChecks.Volumes,
        RestrictedChecks.NonRoot, RestrictedChecks.User, RestrictedChecks.Seccomp,
    ];

    public void Admit(AdmissionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Kind.IsCustom)
        {
            return;
        }

        switch (request.Kind.Kind.Plural)
        {
            case "namespaces":
                AdmitNamespace(request);
                break;
            case "pods" when request.Before is null:
                AdmitPod(request);
                break;
            case "statefulsets" or "deployments" or "replicasets" or "daemonsets" or "jobs":
                Warn(request, request.Object.At("spec.template.spec") as JsonObject);
                break;
        }
    }

    static void AdmitPod(AdmissionRequest request)
    {
        var spec = request.Object.Ensure("spec");
        var level = SecurityLevel.Of(NamespaceOf(request), "enforce");
        var violations = Check(level, spec);
        if (violations.Count > 0)
        {
            throw ApiError.Forbidden(request.Kind, Meta.Name(request.Object), $"violates PodSecurity \"{level}\": {string.Join(", ", violations)}");
        }

        Warn(request, spec);
    }

    static void Warn(AdmissionRequest request, JsonObject? spec)
    {
        var level = SecurityLevel.Of(NamespaceOf(request), "warn");
        var violations = spec is null ? [] : Check(level, spec);
        if (violations.Count > 0)
        {
            request.Warn($"would violate PodSecurity \"{level}\": {string.Join(", ", violations)}");
        }
    }

    static void AdmitNamespace(AdmissionRequest request)
    {
        var errors = SecurityLevel.Validate(request.Object).ToList();
        if (errors.Count > 0)
        {
            throw ApiError.Invalid(request.Kind, Meta.Name(request.Object), errors);
        }

        var level = SecurityLevel.Of(request.Object, "enforce");
        if (request.Before is not null && level != SecurityLevel.Of(request.Before, "enforce"))
        {
            WarnOfPods(request, level);
        }
    }

    /// <summary>Pods that are there stay there: their user is told that they would not come back.</summary>
    static void WarnOfPods(AdmissionRequest request, SecurityLevel level)
    {
        var name = Meta.Name(request.Object);
        var pods = request.Store.List(request.Store.Kinds.Find("", "v1", "pods")!, name, new ListQuery()).Items;
        var bad = pods
            .Select(pod => (Name: pod.Key.Name, Reasons: string.Join(", ", Check(level, pod.Json.Object("spec") ?? []).Select(violation => violation.Reason))))
            .Where(pod => pod.Reasons.Length > 0)
            .GroupBy(pod => pod.Reasons)
            .ToList();
        if (bad.Count == 0)
        {
            return;
        }

        request.Warn($"existing pods in namespace \"{name}\" violate the new PodSecurity enforce level \"{level}\"");
        foreach (var group in bad)
        {
            var others = group.Count() - 1;
            request.Warn($"{group.Min(pod => pod.Name)}{(others == 0 ? "" : $" (and {others} other {(others == 1 ? "pod" : "pods")})")}: {group.Key}");
        }
    }

    static List<Violation> Check(SecurityLevel level, JsonObject spec) =>
        level.ForbidsNothing ? [] : [.. (level.IsRestricted ? Restricted : Baseline).Select(check => check(new CheckedPod(spec))).OfType<Violation>()];

    static JsonObject? NamespaceOf(AdmissionRequest request)
    {
        try
        {
            return request.Store.Get(request.Store.Kinds.Find("", "v1", "namespaces")!, null, Meta.Namespace(request.Object)).Json;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
