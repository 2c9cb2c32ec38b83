using System.Globalization;
using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Steps;

/// <summary>
/// Gives a new master the functions that all others have; functions are in no slot and do not move with any. Into a server that has some already
/// nothing is copied.
/// </summary>
/// <param name="From">Whose functions.</param>
/// <param name="To">The new master.</param>
public sealed record CopyFunctions(Party From, Party To) : IStep
{
    /// <summary>Both servers and the operator handle the dump in one piece.</summary>
    const int MaxBytes = 32 << 20;

    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    public IReadOnlyList<ServerReference> Servers => [To.Server];

    public int Stage => Stages.Reshaping;

    public string Description => $"copy the functions of {From} to {To}";

    public async Task<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (dumps, reason) = await context.ExecuteAsync(From.Server, nodes => Forbid(nodes, From), [ServerCommands.FunctionDump], cancellationToken);
        if (dumps is null)
        {
            return StepOutcome.Skipped(reason);
        }

        var dump = ServerCommands.FunctionDump.Read(dumps[0]);
        if (dump.Length > MaxBytes)
        {
            return StepOutcome.Refused(
                string.Create(CultureInfo.InvariantCulture, $"the functions of {From} take {dump.Length >> 20} MiB, more than the {MaxBytes >> 20} MiB that are copied: load them into {To} by FUNCTION LOAD"),
                "FunctionsTooLarge");
        }

        var (session, doubt) = await context.OpenAsync(To.Server, cancellationToken);
        if (session is null)
        {
            return StepOutcome.Skipped(doubt);
        }

        await using var open = session;
        var answers = await session.ExecuteAsync([ClusterCommands.Nodes, ServerCommands.FunctionLibraryCount], AnswerWithin, cancellationToken);
        if (Forbid(ClusterCommands.Nodes.Read(answers[0]), To) is { } changed)
        {
            return StepOutcome.Skipped(changed);
        }

        if (ServerCommands.FunctionLibraryCount.Read(answers[1]) > 0)
        {
            return StepOutcome.Skipped($"{To} has functions already");
        }

        var restore = ServerCommands.FunctionRestore(dump);
        restore.Read((await session.ExecuteAsync([restore], AnswerWithin, cancellationToken))[0]);
        return StepOutcome.Done("FunctionsCopied", $"copied the functions of {From} to {To}");
    }

    static string? Forbid(ClusterNodesTable nodes, Party party) =>
        nodes.Myself is { } myself && myself.Id == party.Id && (myself.IsMaster || !party.IsMaster) ? null : $"{party} is not what it was";
}
