using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning.Configuration;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Notes on the ConfigMap what was learnt about directives.</summary>
/// <param name="Map">The ConfigMap.</param>
/// <param name="Notes">All that is known.</param>
/// <param name="Purpose">What was learnt, for people.</param>
public sealed record ChangeDirectiveNotes(ConfigMapReference Map, DirectiveNotes Notes, string Purpose) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Objects;

    public string Description => Purpose;

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                // Refuses to write on a successor of the same name.
                ["uid"] = Map.Uid,
                ["annotations"] = new JsonObject { [ClusterMetadata.DirectivesAnnotation] = Notes.ToString() },
            },
        };
        try
        {
            await context.Kubernetes.MergePatchAsync<V1ConfigMap>(Map.Namespace, Map.Name, patch, subresource: null, cancellationToken);
            return new StepOutcome(StepResult.Done, Purpose);
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }
}

/// <summary>A ConfigMap to write notes on; a successor of the same name is left alone.</summary>
public sealed record ConfigMapReference(string Namespace, string Name, string Uid);
