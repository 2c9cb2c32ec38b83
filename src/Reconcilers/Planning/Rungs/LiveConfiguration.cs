using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 11: what can be set while servers run. It comes after all that heals, and before all that disturbs: with a time-out that an operator which died in the middle
/// of moving a large key left raised, failures are noticed late.
/// </summary>
public static class LiveConfiguration
{
    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return RungAnswer.Of([.. Restore(view), .. Configure(view)]);
    }

    static IEnumerable<IStep> Restore(ClusterView view)
    {
        IReadOnlyList<ServerReference> servers = [.. view.Members.Select(member => member.Reference)];
        var left = view.Observation.Objects.StatefulSets.FirstOrDefault(set =>
            view.IsOurs(set) && NodeTimeouts.ReadNote(set) is not null);
        if (left is not null && servers.Count > 0)
        {
            yield return new RestoreNodeTimeout(StatefulSetReference.Of(left), servers, view.Absent.Count == 0);
        }
    }

    static IEnumerable<IStep> Configure(ClusterView view)
    {
        // Without the ConfigMap nothing that is learnt can be noted; it is made in this very pass.
        if (view.Invalid.Count > 0 || !view.Observation.WasFormed || view.Config.Map is not { Metadata: { NamespaceProperty: { } ns, Name: { } name, Uid: { } uid } })
        {
            yield break;
        }

        var map = new ConfigMapReference(ns, name, uid);
        var forgotten = view.Config.Forgotten();
        if (forgotten.Count > 0)
        {
            yield return new ChangeDirectiveNotes(map, view.Config.Notes.WithRemoved(forgotten), $"{string.Join(", ", forgotten)} is left to the servers again, which tell only when they start what it is then");
        }
        else if (view.Config.Changes() is { Count: > 0 } changes)
        {
            yield return new ConfigureServers(changes, map, view.Config.Notes);
        }
    }
}
