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
        var disputes = view.Claims.Contested.Select(slot => new Dispute(slot, [.. view.Claims.ClaimantsOf(slot)], KeyHolders.Of(view, slot)));

        // Together, as keys of one slot tell whose are the others that the same masters dispute; once, as these may be all slots of a shard.
        foreach (var group in disputes.GroupBy(dispute => string.Join(' ', dispute.Claimants.Select(claimant => claimant.Id))))
        {
            var claimants = group.First().Claimants;
            var allHolders = group.SelectMany(dispute => dispute.Holders.Members).Distinct().ToList();
            var isOneShard = claimants.All(claimant => claimant.Shard == claimants[0].Shard);
            foreach (var (slot, _, holders) in group)
            {
                if (holders.Silent is { } silent)
                {
                    waits.Add(("Asking", $"{silent} did not say of which contested slots it holds keys"), slot);
                }
                else if (isOneShard && allHolders.Count > 1)
                {
                    waits.Add(("Settling", $"{Names(claimants)} of one shard both claim its slots: the one with the lower epoch will follow the other"), slot);
                }
                else if (holders.Members.Count > 1 || (holders.Members is [var holder] && !claimants.Contains(holder)))
                {
                    conflicts.Add($"{Names(claimants)} claim them, {Names(holders.Members)} hold keys of them", slot);
                }
                else if (Winner(claimants, holders.Members, allHolders) is var winner && IsOutdated(winner, claimants))
                {
                    waits.Add(("Settling", $"{winner} was started with a claim that is older than that of {Names([.. claimants.Where(claimant => claimant != winner)])}: it gives them up when it hears that"), slot);
                }
                else
                {
                    foreach (var loser in claimants.Where(claimant => claimant != winner))
                    {
                        renounced.Add(loser, slot);
                    }
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
    /// Who has the keys of the slot; of one without keys who has those of the other slots that the same masters dispute, if it is just one of them: a shard whose
    /// master was replaced by an empty one is not torn apart. Else whom gossip would make the owner.
    /// </summary>
    static Member Winner(IReadOnlyList<Member> claimants, IReadOnlyList<Member> holders, List<Member> allHolders) =>
        holders is [var owner] ? owner
        : allHolders is [var only] && claimants.Contains(only) ? only
        : claimants.OrderByDescending(claimant => claimant.Server.Myself.ConfigEpoch).ThenBy(claimant => claimant.Id).First();

    /// <summary>
    /// Whether it claims what it owned in an earlier life, as from a volume of long ago, and has not heard yet what was decided since: its keys may be such that
    /// were deleted meanwhile (law 5).
    /// </summary>
    static bool IsOutdated(Member winner, IReadOnlyList<Member> claimants) =>
        winner.Server.Info.Uptime < JustStarted && claimants.Any(claimant =>
            claimant.Shard != winner.Shard
            && claimant.Server.Myself.ConfigEpoch > winner.Server.Myself.ConfigEpoch
            && claimant.Server.Info.Uptime > winner.Server.Info.Uptime);

    sealed record Dispute(int Slot, IReadOnlyList<Member> Claimants, KeyHolders Holders);
}
