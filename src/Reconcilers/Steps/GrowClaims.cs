using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Asks for larger volumes, one after the other: the first refusal, which all others would get too, ends it, so that a class that does not let volumes grow
/// leaves the cluster as it was.
/// </summary>
/// <param name="Claims">The claims that ask for less.</param>
/// <param name="Size">What they shall ask for.</param>
/// <param name="Before">What the first of them asks for now.</param>
public sealed record GrowClaims(IReadOnlyList<ClaimReference> Claims, Quantity Size, Quantity Before) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Objects;

    public string Description => Claims.Count == 1 ? $"grow claim {Claims[0]} to {Size}" : $"grow {Claims.Count} claims to {Size}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        foreach (var claim in Claims)
        {
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject { ["uid"] = claim.Uid },
                ["spec"] = new JsonObject { ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = Size.ToString() } } },
            };
            try
            {
                await context.Kubernetes.MergePatchAsync<V1PersistentVolumeClaim>(claim.Namespace, claim.Name, patch, subresource: null, cancellationToken);
            }
            catch (KubernetesApiException e) when ((e.IsForbidden && !e.IsNamespaceTerminating) || e.IsInvalid)
            {
                return StepOutcome.Refused(
                    $"spec.storage.size: claim {claim} stays at {Before} instead of {Size}: {e.Message}; let its StorageClass grow volumes (allowVolumeExpansion: true), or take the size back to {Before}; the cluster runs on as it is",
                    "VolumesNotGrown");
            }
            catch (KubernetesApiException e)
            {
                return LiveObjects.Explain(e, Description);
            }
        }

        return StepOutcome.Done("VolumesGrown", $"asked for volumes of {Size} instead of {Before}: {string.Join(", ", Claims)}");
    }
}
