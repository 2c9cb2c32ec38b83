using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Machine;

namespace Slotwise.Scenarios.Suite;

/// <summary>The operator of a lane: it lives, or is killed again and again.</summary>
/// <param name="start">Starts one.</param>
sealed class OperatorLife(Func<RunningProgram> start)
{
    /// <summary>How long it lives, from when it begins to look after clusters.</summary>
    static readonly TimeSpan Life = TimeSpan.FromSeconds(2);

    static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60);

    RunningProgram _program = start();

    /// <summary>What it said last.</summary>
    public string Tail => _program.Tail;

    /// <summary>Kills it whenever it has looked after clusters for two seconds, until it is told to let it live.</summary>
    /// <returns>How often it was killed.</returns>
    public async Task<int> KillAgainAndAgainAsync(CancellationToken letLive)
    {
        var kills = 0;
        while (true)
        {
            await Eventually.SeenAsync("the operator has started", StartsWithin, () => Task.FromResult(HasStarted || letLive.IsCancellationRequested ? null : _program.Tail));
            try
            {
                await Task.Delay(Life, letLive);
            }
            catch (OperationCanceledException)
            {
                return kills;
            }

            _program.Kill();
            kills++;
            _program = start();
        }
    }

    bool HasStarted => _program.Tail.Contains("looks after", StringComparison.Ordinal);
}
