using System.Text.Json.Nodes;
using Slotwise.Reconcilers.Resources;
using Slotwise.Simulation.Runs;

namespace Slotwise.Simulation.Laws;

/// <summary>A shard that the resource asks for is not marked to be emptied, shrunk or removed, once the operator had time to hear of the wish.</summary>
sealed class WantedShardsStay() : Law("8", "what is wanted is not drained")
{
    public override void BeforeWrite(ObjectWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (write.Kind != "StatefulSet" || RunWorld.ShardOfSet(write) is not { } shard || !World.IsShardWantedForLong(shard))
        {
            return;
        }

        var spec = write.Body?["spec"] as JsonObject;
        var notes = write.Body?["metadata"]?["annotations"] as JsonObject;
        if (write.Verb == "delete")
        {
            Violated(write.ObjectName, "is deleted", "spec.shards asks for it");
        }
        else if (notes?[ClusterMetadata.DrainingAnnotation] is not null)
        {
            Violated(write.ObjectName, "is marked to be emptied", "spec.shards asks for it");
        }
        else if (spec?["replicas"] is { } replicas && replicas.GetValue<int>() < World.LeastPodsWantedForLong)
        {
            Violated(write.ObjectName, $"shall run {replicas} pods", "the resource asks for more");
        }
    }
}
