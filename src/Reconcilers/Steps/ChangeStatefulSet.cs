using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Writes notes on a StatefulSet, and with them, in the same write, perhaps another number of pods. Notes are annotations of the set alone: its pods
/// are not touched by them.
/// </summary>
/// <param name="Set">The StatefulSet, and no successor of the same name.</param>
/// <param name="Notes">Annotations and their values; null takes one off.</param>
/// <param name="Purpose">What it is for, as in "note on StatefulSet x that ...".</param>
public sealed record ChangeStatefulSet(StatefulSetReference Set, IReadOnlyDictionary<string, string?> Notes, string Purpose) : IStep
{
    /// <summary>How many pods there shall be; null leaves that as it is.</summary>
    public int? Replicas { get; init; }

    /// <summary>Refuses to change a StatefulSet that was changed since it was observed; null where that makes no difference.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>The event that tells of it; null for a detail.</summary>
    public string? Event { get; init; }

    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage { get; init; } = Stages.Objects;

    public string Description => Purpose;

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var metadata = new JsonObject { ["uid"] = Set.Uid };
        if (ResourceVersion is not null)
        {
            metadata["resourceVersion"] = ResourceVersion;
        }

        if (Notes.Count > 0)
        {
            metadata["annotations"] = new JsonObject(Notes.Select(note => KeyValuePair.Create<string, JsonNode?>(note.Key, note.Value)));
        }

        var patch = new JsonObject { ["metadata"] = metadata };
        if (Replicas is { } replicas)
        {
            patch["spec"] = new JsonObject { ["replicas"] = replicas };
        }

        try
        {
            var changed = await context.Kubernetes.MergePatchAsync<V1StatefulSet>(Set.Namespace, Set.Name, patch, subresource: null, cancellationToken);
            if (changed.Metadata.DeletionTimestamp is not null)
            {
                return StepOutcome.Skipped($"StatefulSet {Set} is being deleted: what is noted on it will be lost");
            }

            return new StepOutcome(StepResult.Done, Purpose, Event);
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }
}
