using System.Globalization;
using Slotwise.Reconcilers.Planning.Balancing;
using Slotwise.Reconcilers.Resources;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 13, what it notes: that slots are to move and why, and which shards are to be emptied. No slot moves before that can be read, so whoever
/// comes after a crash goes on with it; and people see from the first moment what is going on.
/// </summary>
public static class Operations
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.SlotPlan is not { } plan)
        {
            return RungAnswer.Nothing;
        }

        var steps = new List<IStep>();
        foreach (var shard in view.SurplusShards)
        {
            if (view.Annotation(shard, ClusterMetadata.DrainingAnnotation) is null)
            {
                steps.Add(Note(view, shard, ClusterMetadata.DrainingAnnotation, "true", $"shard {shard} is to be emptied and removed"));
            }
        }

        if (plan.Kind != plan.Operation?.Kind && view.StatefulSet(0) is not null)
        {
            if (plan.Kind is { } kind)
            {
                var operation = new Operation(kind, view.Observation.At);
                steps.Add(Note(view, 0, ClusterMetadata.OperationAnnotation, operation.ToString(), Announce(view, plan, kind)) with { Event = kind.ToString() });
            }
            else if (view.IsFormed)
            {
                steps.Add(Note(view, 0, ClusterMetadata.OperationAnnotation, null, Conclude(view, plan)) with { Event = "Balanced" });
            }
        }

        return RungAnswer.Of(steps);
    }

    static ChangeStatefulSet Note(ClusterView view, int shard, string name, string? value, string message) => new(
        StatefulSetReference.Of(view.StatefulSet(shard)!),
        new SortedDictionary<string, string?>(StringComparer.Ordinal) { [name] = value },
        message);

    static string Announce(ClusterView view, SlotPlan plan, OperationKind kind)
    {
        var moves = string.Create(CultureInfo.InvariantCulture, $"{plan.Remaining} slots are to move");
        return kind switch
        {
            OperationKind.ScalingOut => string.Create(CultureInfo.InvariantCulture, $"scaling out to {view.Spec.Shards} shards: {moves}"),
            OperationKind.ScalingIn => string.Create(CultureInfo.InvariantCulture, $"scaling in to {view.Spec.Shards} shards: {moves}, then {Names(view.SurplusShards)} will be removed"),
            _ => $"rebalancing: {moves}",
        };
    }

    static string Conclude(ClusterView view, SlotPlan plan)
    {
        var counts = plan.Holders.Select(holder => holder.Slots.Count).ToList();
        var each = counts.Min() == counts.Max() ? $"{counts.Min()}" : $"{counts.Min()} to {counts.Max()}";
        var seconds = plan.Operation is { } operation ? (view.Observation.At - operation.Start).TotalSeconds : 0;
        return string.Create(CultureInfo.InvariantCulture, $"all slots are where they belong after {seconds:0} s: {view.Spec.Shards} shards with {each} slots each");
    }

    static string Names(IReadOnlyList<int> shards) => $"{(shards.Count == 1 ? "shard" : "shards")} {string.Join(", ", shards)}";
}
