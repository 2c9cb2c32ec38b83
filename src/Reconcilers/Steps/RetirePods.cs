using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Has a StatefulSet run fewer pods, after the servers that go have said once more that nothing is lost with them: roles change without Kubernetes
/// hearing of it.
/// </summary>
/// <param name="Change">The change of the StatefulSet.</param>
/// <param name="Leaving">The servers that go and answered when it was planned.</param>
/// <param name="MustBeEmpty">Whether they may hold no key at all, as their whole shard goes; else replicas may hold copies.</param>
public sealed record RetirePods(ChangeStatefulSet Change, IReadOnlyList<Party> Leaving, bool MustBeEmpty) : IStep
{
    static readonly RedisCommand<RedisInfo> CountKeys = ServerCommands.Info("keyspace");

    public IReadOnlyList<ServerReference> Servers => [.. Leaving.Select(party => party.Server)];

    public int Stage => Stages.Redis;

    public string Description => Change.Description;

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var doubts = await Task.WhenAll(Leaving.Select(party => DoubtAsync(party, context, cancellationToken)));
        return doubts.FirstOrDefault(doubt => doubt is not null) is { } reason
            ? StepOutcome.Skipped(reason)
            : await Change.ExecuteAsync(context, cancellationToken);
    }

    async Task<string?> DoubtAsync(Party party, StepContext context, CancellationToken cancellationToken)
    {
        var (replies, reason) = await context.ExecuteAsync(party.Server, nodes => Forbid(nodes, party), [CountKeys], cancellationToken);
        if (replies is null)
        {
            return reason;
        }

        return MustBeEmpty && CountKeys.Read(replies[0]).KeysByDatabase.Values.Any(keys => keys > 0) ? $"{party} holds keys by now" : null;
    }

    static string? Forbid(ClusterNodesTable nodes, Party party) => nodes.Myself switch
    {
        null => $"{party} does not list itself",
        { Slots.IsEmpty: false } => $"{party} owns slots by now",
        { Importing.Count: > 0 } or { Migrating.Count: > 0 } => $"{party} has open slots by now",
        { IsMaster: true } when !party.IsMaster => $"{party} is a master by now",
        var myself => myself.Id == party.Id ? null : $"{party} is another node by now",
    };
}
