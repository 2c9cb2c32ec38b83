using Slotwise.Kubernetes.Models;
using Slotwise.ObjectStore.Kinds;

namespace Slotwise.LocalKubernetes.Api.Discovery;

/// <summary>A part of an object that is served by itself.</summary>
public sealed record Subresource(string Name, KubernetesKind Kind, IReadOnlyList<string> Verbs);

/// <summary>The parts that each kind has here.</summary>
public static class Subresources
{
    public static readonly KubernetesKind Scale = new("autoscaling", "v1", "Scale", "scales", true);
    public static readonly KubernetesKind Eviction = new("policy", "v1", "Eviction", "evictions", true);

    public static readonly KubernetesKind TokenRequest = new("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", true);

    static readonly string[] ReadAndWrite = ["get", "patch", "update"];

    public static IEnumerable<Subresource> Of(ResourceKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        if (kind.HasStatus)
        {
            yield return new Subresource("status", kind.Kind, ReadAndWrite);
        }

        if (kind.Scale is not null)
        {
            yield return new Subresource("scale", Scale, ReadAndWrite);
        }

        if (kind is { IsCustom: false, Kind.Plural: "serviceaccounts" })
        {
            yield return new Subresource("token", TokenRequest, ["create"]);
        }

        if (kind is { IsCustom: false, Kind.Plural: "namespaces" })
        {
            yield return new Subresource("finalize", kind.Kind, ["update"]);
        }

        if (kind is { IsCustom: false, Kind.Plural: "pods" })
        {
            yield return new Subresource("log", kind.Kind, ["get"]);
            yield return new Subresource("exec", kind.Kind with { Kind = "PodExecOptions" }, ["create", "get"]);
            yield return new Subresource("eviction", Eviction, ["create"]);
            yield return new Subresource("binding", kind.Kind with { Kind = "Binding" }, ["create"]);
        }
    }
}
