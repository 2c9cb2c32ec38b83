using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 11: what can be set while servers run. So far only what an operator that died in the middle of moving a large key left raised. It comes after all
/// that heals, and before all that disturbs: with a raised time-out failures are noticed late.
/// </summary>
public static class LiveConfiguration
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        IReadOnlyList<ServerReference> servers = [.. view.Members.Select(member => member.Reference)];
        var left = view.Observation.Objects.StatefulSets.FirstOrDefault(set =>
            view.IsOurs(set) && NodeTimeouts.ReadNote(set) is not null);
        return left is null || servers.Count == 0
            ? RungAnswer.Nothing
            : RungAnswer.Of([new RestoreNodeTimeout(StatefulSetReference.Of(left), servers, view.Absent.Count == 0)]);
    }
}
