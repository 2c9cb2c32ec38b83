using Slotwise.Reconcilers.Steps;

namespace Slotwise.Reconcilers.Planning.Rungs;

/// <summary>
/// Rung 7: slots that two masters claim. Redis lets the higher epoch win and deletes the keys of the other one, so those who hold no key give up first:
/// then nothing is left to be deleted, whoever wins.
/// </summary>
public static class ContestedSlots
{
    /// <summary>Within this time a server that was started hears who owns slots by now.</summary>
    static readonly TimeSpan JustStarted = TimeSpan.FromMinutes(1);

    public static RungAnswer Plan(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var renounced = new SlotGroups<Member>();
        var conflicts = new SlotGroups<string>();
        var waits = new SlotGroups<(string Reason, string Message)>();
        var disputes = view.Claims.Contested.Select(slot => new Dispute(slot, [.. view.Claims.ClaimantsOf(slot)], KeyHolders.Of(view, slot))).ToList();
        foreach (var dispute in disputes)
        {
            var (slot, claimants, holders) = dispute;
            if (holders.Silent is { } silent)
            {
                waits.Add(("Asking", $"{silent} did not say of which contested slots it holds keys"), slot);
            }
            else if (claimants.All(claimant => claimant.Shard == claimants[0].Shard) && HoldersOfAll(disputes, claimants).Count > 1)
            {
                waits.Add(("Settling", $"{Names(claimants)} of one shard both claim its slots: the one with the lower epoch will follow the other"), slot);
            }
            else if (holders.Members.Count > 1 || (holders.Members is [var holder] && !claimants.Contains(holder)))
            {
                conflicts.Add($"{Names(claimants)} claim them, {Names(holders.Members)} hold keys of them", slot);
            }
            else
            {
                var winner = holders.Members.Count == 1 ? holders.Members[0] : OnlyHolder(disputes, claimants) ?? Believed(claimants);
                if (IsOutdated(winner, claimants))
                {
                    waits.Add(("Settling", $"{winner} was started with a claim that is older than that of {Names([.. claimants.Where(claimant => claimant != winner)])}: it gives them up when it hears that"), slot);
                    continue;
                }

                foreach (var loser in claimants.Where(claimant => claimant != winner))
                {
                    renounced.Add(loser, slot);
                }
            }
        }

        return new RungAnswer(
            [.. renounced.Build().Select(group => new RenounceSlots(group.Key.Reference, group.Slots))],
            [.. waits.Build().Select(group => new Wait(group.Key.Reason, $"slots {group.Slots}: {group.Key.Message}", view.GossipInterval))],
            [.. conflicts.Build().Select(group => new Refusal("SlotConflict", $"slots {group.Slots}: {group.Key}; decide whose keys are right and have the others give up the slots with CLUSTER DELSLOTSRANGE") { HidesKeys = true })]);
    }

    static string Names(IReadOnlyList<Member> members) => string.Join(" and ", members);

    /// <summary>
    /// Of slots without keys: who holds keys of others that the same masters dispute, if just one does. A shard whose master was replaced by an empty one
    /// is not torn apart that way.
    /// </summary>
    static Member? OnlyHolder(List<Dispute> disputes, IReadOnlyList<Member> claimants) =>
        HoldersOfAll(disputes, claimants) is [var only] && claimants.Contains(only) ? only : null;

    /// <summary>Who holds keys of any slot that just these masters dispute.</summary>
    static List<Member> HoldersOfAll(List<Dispute> disputes, IReadOnlyList<Member> claimants) =>
        [.. disputes.Where(dispute => dispute.Claimants.SequenceEqual(claimants)).SelectMany(dispute => dispute.Holders.Members).Distinct()];

    /// <summary>
    /// Whether it claims what it owned in an earlier life, as from a volume of long ago, and has not heard yet what was decided since: its keys may be such that
    /// were deleted meanwhile (law 5).
    /// </summary>
    static bool IsOutdated(Member winner, IReadOnlyList<Member> claimants) =>
        winner.Server.Info.Uptime < JustStarted && claimants.Any(claimant =>
            claimant.Shard != winner.Shard
            && claimant.Server.Myself.ConfigEpoch > winner.Server.Myself.ConfigEpoch
            && claimant.Server.Info.Uptime > winner.Server.Info.Uptime);

    /// <summary>Whom gossip would make the owner.</summary>
    static Member Believed(IReadOnlyList<Member> claimants) =>
        claimants.OrderByDescending(claimant => claimant.Server.Myself.ConfigEpoch).ThenBy(claimant => claimant.Id).First();

    sealed record Dispute(int Slot, IReadOnlyList<Member> Claimants, KeyHolders Holders);
}
