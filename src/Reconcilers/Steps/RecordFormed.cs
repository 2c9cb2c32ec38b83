using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Resources;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Writes on a StatefulSet that the cluster was seen whole, and with how many shards. An annotation of the set alone: its pods are not touched.</summary>
public sealed record RecordFormed(string Namespace, string Name, string Uid, int Shards) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [];

    public int Stage => Stages.Objects;

    public string Description => $"note on StatefulSet {Name} that the cluster was formed";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                // Refuses to mark a successor of the same name.
                ["uid"] = Uid,
                ["annotations"] = new JsonObject { [ClusterMetadata.FormedAnnotation] = Shards.ToString(CultureInfo.InvariantCulture) },
            },
        };
        try
        {
            await context.Kubernetes.MergePatchAsync<V1StatefulSet>(Namespace, Name, patch, subresource: null, cancellationToken);
            return new StepOutcome(StepResult.Done, $"noted on StatefulSet {Name} that the cluster was formed");
        }
        catch (KubernetesApiException e)
        {
            return LiveObjects.Explain(e, Description);
        }
    }
}
