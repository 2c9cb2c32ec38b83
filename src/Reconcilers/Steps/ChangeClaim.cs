using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Writes notes on a claim, or says with whom it goes. Its volume and the pod that uses it are not touched by either.</summary>
/// <param name="Claim">The claim, and no successor of the same name.</param>
/// <param name="Purpose">What it is for, as in "note on claim x that ...".</param>
public sealed record ChangeClaim(ClaimReference Claim, string Purpose) : IStep
{
    /// <summary>Annotations and their values; null takes one off.</summary>
    public IReadOnlyDictionary<string, string?> Notes { get; init; } = new SortedDictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>All whom it belongs to; null leaves that as it is.</summary>
    public IReadOnlyList<V1OwnerReference>? Owners { get; init; }

    /// <summary>Refuses to change a claim that was changed since it was observed: the list of owners is written as a whole.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>The event that tells of it; null for a detail.</summary>
    public string? Event { get; init; }

    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Objects;

    public string Description => Purpose;

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var metadata = new V1ObjectMeta { Uid = Claim.Uid, ResourceVersion = ResourceVersion, OwnerReferences = Owners };
        var patch = JsonSerializer.SerializeToNode(new V1PersistentVolumeClaim { Metadata = metadata }, V1PersistentVolumeClaim.JsonTypeInfo)!.AsObject();
        if (Notes.Count > 0)
        {
            patch["metadata"]!["annotations"] = new JsonObject(Notes.Select(note => KeyValuePair.Create<string, JsonNode?>(note.Key, note.Value)));
        }

        try
        {
            await context.Kubernetes.MergePatchAsync<V1PersistentVolumeClaim>(Claim.Namespace, Claim.Name, patch, subresource: null, cancellationToken);
            return new StepOutcome(StepResult.Done, Purpose, Event);
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }
}
