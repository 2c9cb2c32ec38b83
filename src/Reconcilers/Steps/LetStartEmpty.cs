using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Tells a server that waits at its gate that nobody is left who could have its keys, by an annotation of its pod.</summary>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Pod">The pod, and no successor of the same name.</param>
/// <param name="PodUid">Its uid.</param>
/// <param name="Node">The node that gives its keys up.</param>
public sealed record LetStartEmpty(string Namespace, string Pod, string PodUid, NodeId Node) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Objects;

    public string Description => $"let {Pod} start without its keys";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = PodUid,
                ["annotations"] = new JsonObject { [ClusterMetadata.StartEmptyAnnotation] = Node.ToString() },
            },
        };
        try
        {
            await context.Kubernetes.MergePatchAsync<V1Pod>(Namespace, Pod, patch, subresource: null, cancellationToken);
            return StepOutcome.Done("KeysGivenUp", $"{Pod} lost its keys, and so have all that followed it: it starts empty") with { IsWarning = true };
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }
}
