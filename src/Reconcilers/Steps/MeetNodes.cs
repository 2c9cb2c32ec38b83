using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Steps;

/// <summary>Has a server greet others, so that they know each other, and hear its newest role and slots.</summary>
public sealed record MeetNodes(ServerReference Sender, IReadOnlyList<Peer> Peers) : IStep
{
    public IReadOnlyList<ServerReference> Servers => [Sender];

    public int Stage => Stages.Redis;

    public string Description => $"have {Sender} meet {string.Join(", ", Peers.Select(peer => peer.Server.Pod))}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (commands, doubt) = await Greetings.BuildAsync(Peers, context, cancellationToken);
        if (commands.Count == 0)
        {
            return StepOutcome.Skipped($"{Sender} was not asked to meet anybody: {doubt}");
        }

        var (replies, reason) = await context.ExecuteAsync(Sender, _ => null, commands, cancellationToken);
        if (replies is null)
        {
            return StepOutcome.Skipped(reason);
        }

        return replies.FirstOrDefault(reply => reply.IsError) is { IsError: true } error
            ? StepOutcome.Failed($"{Sender} refused to meet others: {error.AsText()}")
            : new StepOutcome(StepResult.Done, $"{Sender} greeted {commands.Count} nodes");
    }
}
