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
/// <param name="Largest">The most that any claim of the cluster asks for now, below which none can be taken back.</param>
public sealed record GrowClaims(IReadOnlyList<ClaimReference> Claims, Quantity Size, Quantity Before, Quantity Largest) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Objects;

    public string Description => Claims.Count == 1 ? $"grow claim {Claims[0]} to {Size}" : $"grow {Claims.Count} claims to {Size}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var largest = Largest;
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
                largest = Size;
            }
            catch (KubernetesApiException e) when ((e.IsForbidden && !e.IsNamespaceTerminating) || e.IsInvalid)
            {
                var wayBack = largest < Size ? $", or take the size back to {largest}" : $"; it cannot be taken back, as other claims ask for {largest} already";
                return StepOutcome.Refused(
                    $"spec.storage.size {Size}: claim {claim} stays at {Before}: {e.Message}; let its StorageClass grow volumes (allowVolumeExpansion: true) and its namespace have so much (ResourceQuota){wayBack}; the cluster runs on as it is",
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
