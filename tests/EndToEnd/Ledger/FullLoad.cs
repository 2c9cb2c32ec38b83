using System.Globalization;
using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Machine;
using Slotwise.Operator.Load;
using StackExchange.Redis;

namespace Slotwise.EndToEnd.Ledger;

/// <summary>
/// Two applications that write to a cluster and keep account of it: <c>slotwise load</c>, in a process of its own, and StackExchange.Redis.
/// </summary>
sealed class FullLoad : IAsyncDisposable
{
    const int TheirKeys = 1500;
    const int TheirWriters = 6;
    const int TheirRate = 400;

    /// <summary>A load that has written so many is well under way.</summary>
    const int FirstKeys = 300;

    static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(30);

    readonly RunningProgram _ours;
    readonly ConnectionMultiplexer _redis;
    readonly Slotwise.Operator.Load.Ledger _theirs;
    readonly CancellationTokenSource _stop = new();
    readonly Task _writing;

    FullLoad(RunningProgram ours, ConnectionMultiplexer redis)
    {
        _ours = ours;
        _redis = redis;
        var options = new LedgerOptions { Prefix = "stackexchange", Keys = TheirKeys, Writers = TheirWriters, Rate = TheirRate };
        _theirs = new Slotwise.Operator.Load.Ledger(new StackExchangeClient(redis), options, TimeProvider.System);
        _writing = _theirs.WriteAsync(_stop.Token);
    }

    /// <summary>Begins to write.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="keys">How many keys <c>slotwise load</c> writes again and again.</param>
    /// <param name="rate">How many commands a second it sends.</param>
    /// <param name="more">Further arguments for it.</param>
    public static async Task<FullLoad> StartAsync(TestCluster cluster, int keys = 10_000, int rate = 1000, params string[] more)
    {
        var before = await cluster.CountKeysAsync();
        var addresses = await cluster.AddressesAsync();
        var seeds = string.Join(',', addresses.Select(address => $"{address}:6379"));
        var redis = await ConnectionMultiplexer.ConnectAsync($"{seeds},abortConnect=false,connectTimeout=2000,connectRetry=5");
        var ours = cluster.Kubernetes.StartSlotwise([
            "load", cluster.Name, "--namespace", cluster.Namespace, "--json", "--keys", Text(keys), "--rate", Text(rate), .. more]);

        // What takes less time than a process to start would be over before anybody writes.
        await Eventually.SeenAsync("slotwise load writes", StartsWithin, async () => await cluster.CountKeysAsync() >= before + FirstKeys ? null : $"{before} keys");
        return new FullLoad(ours, redis);
    }

    /// <summary>Stops writing and reads everything back.</summary>
    public async Task<LoadReports> StopAsync()
    {
        var ending = _ours.EndAsync();
        await _stop.CancelAsync();
        await _writing;
        using (var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30)))
        {
            await _theirs.CheckAsync(giveUp.Token);
            await _theirs.RemoveAsync(giveUp.Token);
        }

        var exitCode = await ending;
        return new LoadReports(exitCode, LoadJson.Read(string.Join('\n', _ours.Output)), _theirs.Report, _ours.Tail);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _writing;
        _ours.Kill();
        await _redis.CloseAsync();
        _redis.Dispose();
        _stop.Dispose();
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What both clients saw.</summary>
sealed record LoadReports(int ExitCode, LedgerReport Ours, LedgerReport Theirs, string Output)
{
    /// <summary>Asserts that both wrote all the time, that nothing is lost or wrong, and that the applications saw no error at all.</summary>
    public void AssertNothingWasNoticed()
    {
        AssertNothingWasNoticed(Ours);
        AssertNothingWasNoticed(Theirs);
        Assert.True(ExitCode == 0, ToString());
    }

    /// <summary>
    /// The same of clients that follow redirections. StackExchange.Redis 1.2.6 looks at the topology once a minute, and may lose all servers that it knew when every pod
    /// is another one within seconds: then no write of its may be lost.
    /// </summary>
    public void AssertNothingWasNoticedByWhoFollows()
    {
        AssertNothingWasNoticed(Ours);
        Assert.True(Theirs is { Lost: 0, Wrong: 0, Acknowledged: > 100 }, ToString());
        Assert.True(ExitCode == 0, ToString());
    }

    void AssertNothingWasNoticed(LedgerReport report)
    {
        var all = ToString();
        TestContext.Current.TestOutputHelper?.WriteLine(all);
        Assert.True(report is { IsClean: true, ErrorCount: 0, Uncertain: 0, Late: 0 }, all);
        Assert.True(report.Acknowledged > 100 && report.Checked > 100, all);
    }

    public override string ToString() => $"slotwise load:\n{LoadText.Full(Ours)}StackExchange.Redis:\n{LoadText.Full(Theirs)}{(ExitCode == 0 ? "" : Output)}";
}
