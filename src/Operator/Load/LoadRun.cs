using Slotwise.Operator.CommandLine;
using Slotwise.Operator.Status;
using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>Loads one cluster: a ledger and messages of shards side by side, until the time is up or the user has seen enough; then everything is checked.</summary>
/// <param name="readAsync">Looks at the cluster.</param>
/// <param name="options">How much.</param>
/// <param name="time">The clock.</param>
sealed class LoadRun(Func<CancellationToken, Task<ClusterPicture>> readAsync, LoadOptions options, TimeProvider time)
{
    static readonly TimeSpan ShownEvery = TimeSpan.FromSeconds(1);

    /// <summary>Enough for a failover in between. Whoever interrupts a command waits for no more either.</summary>
    static readonly TimeSpan CheckedWithin = TimeSpan.FromSeconds(25);

    static readonly TimeSpan RemovedWithin = TimeSpan.FromSeconds(10);

    /// <param name="show">Called about once a second, one call at a time.</param>
    /// <param name="interrupted">Ends the writing; what was acknowledged is checked all the same.</param>
    /// <returns>The last report.</returns>
    /// <exception cref="UserErrorException">The cluster cannot be reached.</exception>
    public async Task<LedgerReport> RunAsync(Action<LoadProgress> show, CancellationToken interrupted)
    {
        var picture = await readAsync(interrupted);
        await using var client = await ConnectAsync(picture, interrupted);
        var shards = new PodShards(picture);
        var prefix = $"slotwise-load:{Guid.NewGuid():N}"[..22];
        var ledgerOptions = new LedgerOptions
        {
            Prefix = prefix,
            Keys = options.Keys,
            Writers = options.Connections,
            Rate = options.Rate,
            ReadFrom = options.ReplicaReads ? ReadFrom.Replica : ReadFrom.Master,
        };
        var ledger = new Ledger(new ClusterLedgerClient(client, shards.ShardAt), ledgerOptions, time);
        var messages = new PubSubProbe(client, prefix, time);
        LedgerReport Report() => ledger.Report with { PubSub = messages.Report };

        using var timer = options.Duration is { } duration ? new CancellationTokenSource(duration, time) : new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, interrupted);
        using var end = new CancellationTokenSource();
        var following = shards.FollowAsync(client, readAsync, time, end.Token);
        await ShowWhileAsync(Task.WhenAll(ledger.WriteAsync(stop.Token), messages.RunAsync(stop.Token)), () => show(new LoadProgress("writing", Report())));

        using var giveUp = new CancellationTokenSource(CheckedWithin, time);
        await ShowWhileAsync(ledger.CheckAsync(giveUp.Token), () => show(new LoadProgress("reading back", Report())));
        var report = Report();

        // keys that went wrong are kept for whoever looks into it
        if (report.IsClean)
        {
            using var enough = new CancellationTokenSource(RemovedWithin, time);
            await ShowWhileAsync(ledger.RemoveAsync(enough.Token), () => show(new LoadProgress("removing the keys", report)));
        }

        await end.CancelAsync();
        await following;
        return report;
    }

    async Task<RedisClusterClient> ConnectAsync(ClusterPicture picture, CancellationToken cancellationToken)
    {
        var seeds = Seeds(picture);
        if (seeds.Count == 0)
        {
            throw new UserErrorException($"{ClusterText.Headline(picture)}: no pod has an address yet");
        }

        var settings = RedisClusterClientOptions.Default with
        {
            // every writer may be at the same node, and the subscription as well
            MaxConnectionsPerNode = options.Connections + 1,
            MaxConnections = Math.Max(RedisClusterClientOptions.Default.MaxConnections, (options.Connections + 1) * 4),
            Remap = announced => options.Map.GetValueOrDefault(announced, announced),

            // what the name of a Service is to an application: all pods may get other addresses at once
            FindSeedsAsync = FindSeedsAsync,
        };
        try
        {
            return await RedisClusterClient.ConnectAsync(seeds, credentials: null, settings, cancellationToken);
        }
        catch (RedisException error)
        {
            throw new UserErrorException(
                $"no node of {ClusterText.Headline(picture)} answers from here ({error.Message}): run this where the pods' addresses can be reached, or forward ports and say so with --map",
                error);
        }
    }

    static List<RedisEndpoint> Seeds(ClusterPicture picture) => [.. picture.Pods.Select(pod => pod.Endpoint).OfType<RedisEndpoint>()];

    async Task<IReadOnlyList<RedisEndpoint>> FindSeedsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Seeds(await readAsync(cancellationToken));
        }
        catch (Exception error) when (error is not OperationCanceledException && ErrorText.TryDescribe(error) is not null)
        {
            return []; // the API server cannot be reached either: the next command asks again
        }
    }

    async Task ShowWhileAsync(Task work, Action show)
    {
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(ShownEvery, time));
            show();
        }

        await work;
    }
}

/// <summary>What is being done, and what was seen so far.</summary>
sealed record LoadProgress(string Doing, LedgerReport Report);
