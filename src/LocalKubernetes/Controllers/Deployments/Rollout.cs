using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.ReplicaSets;

namespace Slotwise.LocalKubernetes.Controllers.Deployments;

/// <summary>A Deployment and its ReplicaSets: the one of its present template, if there is one, and those of earlier ones.</summary>
public sealed record Rollout(DeploymentDocument Deployment, ReplicaSetDocument? New, IReadOnlyList<ReplicaSetDocument> Old)
{
    public const string HashLabel = "pod-template-hash";

    public const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    public const string DesiredAnnotation = "deployment.kubernetes.io/desired-replicas";

    public const string MaxAnnotation = "deployment.kubernetes.io/max-replicas";

    /// <summary>Finds the new ReplicaSet among a Deployment's own.</summary>
    public static Rollout Of(DeploymentDocument deployment, IReadOnlyList<ReplicaSetDocument> sets)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        ArgumentNullException.ThrowIfNull(sets);
        // with two of the same template the older counts, so that it stays the same one
        var found = sets.Where(set => IsOf(set, deployment.Spec.Template)).OrderBy(set => set.Metadata.CreationTimestamp).ThenBy(set => set.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();
        return new Rollout(deployment, found, [.. sets.Where(set => set != found).OrderBy(set => set.Metadata.CreationTimestamp).ThenBy(set => set.Metadata.Name, StringComparer.Ordinal)]);
    }

    /// <summary>How many pods are wanted.</summary>
    public int Wanted => Deployment.Spec.Replicas ?? 1;

    public IEnumerable<ReplicaSetDocument> All => New is null ? Old : Old.Append(New);

    public bool IsRolling => Deployment.Spec.Strategy.Type != "Recreate";

    public int MaxSurge => Fences.Surge;

    public int MaxUnavailable => Wanted == 0 ? 0 : Math.Min(Fences.Unavailable, Wanted);

    (int Surge, int Unavailable) Fences
    {
        get
        {
            if (!IsRolling)
            {
                return (0, 0);
            }

            var surge = Resolve(Deployment.Spec.Strategy.RollingUpdate?.MaxSurge, up: true);
            var unavailable = Resolve(Deployment.Spec.Strategy.RollingUpdate?.MaxUnavailable, up: false);
            return (surge, surge == 0 && unavailable == 0 ? 1 : unavailable);
        }
    }

    /// <summary>How many pods a ReplicaSet asks for.</summary>
    public static int SizeOf(ReplicaSetDocument set) => set?.Spec.Replicas ?? 1;

    public static int AvailableOf(ReplicaSetDocument set) => set?.Status?.AvailableReplicas ?? 0;

    public static int? NumberIn(IKubernetesObject obj, string annotation) =>
        int.TryParse(obj?.Metadata.Annotations?.GetValueOrDefault(annotation), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    static bool IsOf(ReplicaSetDocument set, JsonObject template)
    {
        var its = (JsonObject)set.Spec.Template.DeepClone();
        (its["metadata"]?["labels"] as JsonObject)?.Remove(HashLabel);
        return JsonNode.DeepEquals(its, template);
    }

    int Resolve(IntOrString? value, bool up) => value switch
    {
        null => 0,
        { IsNumber: true } number => (int)number.Number,
        { } text when decimal.TryParse(text.ToString().TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) =>
            (int)(up ? Math.Ceiling(Wanted * percent / 100) : Math.Floor(Wanted * percent / 100)),
        _ => 0,
    };
}
