using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.Bench.Form;
using Slotwise.Bench.Ready;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Models;
using Slotwise.Redis;

namespace Slotwise.Bench.Outage;

/// <summary>A RedisCluster of three shards on LocalKubernetes, with an operator.</summary>
sealed class OperatedCluster(LocalMachine machine, KubernetesClient api, RedisConnectionPool pool, string name)
{
    public const int Shards = 3;

    const int Pods = 6;
    const string Namespace = "default";
    const int Sigkill = 9;

    static readonly TimeSpan Within = TimeSpan.FromSeconds(240);

    /// <summary>Applies it and waits until it is Ready.</summary>
    /// <param name="spec">Further lines of the spec.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task CreateAsync(string spec, CancellationToken cancellationToken)
    {
        await machine.CreateAsync(name, Shards, cancellationToken, spec);
        await WaitUntilWholeAsync([], cancellationToken);
    }

    public async Task<IReadOnlyList<RedisEndpoint>> EndpointsAsync(CancellationToken cancellationToken) =>
        [.. (await PodsAsync(cancellationToken)).Select(pod => new RedisEndpoint(pod.Status!.PodIP!, 6379))];

    /// <summary>Which shards' masters run on a host.</summary>
    public async Task<IReadOnlyList<int>> ShardsLedOnAsync(string host, CancellationToken cancellationToken)
    {
        var shards = new List<int>();
        for (var shard = 0; shard < Shards; shard++)
        {
            if ((await MasterAsync(shard, cancellationToken)).Spec!.NodeName == host)
            {
                shards.Add(shard);
            }
        }

        return shards;
    }

    /// <summary>Has every pod replaced, and waits until that is done.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        var before = await PodsAsync(cancellationToken);
        await machine.KubectlAsync(["annotate", "rediscluster", name, "--overwrite", $"slotwise.dev/restart={Guid.NewGuid():N}"], "", cancellationToken);
        await WaitUntilWholeAsync(before, cancellationToken);
    }

    /// <summary>Deletes a master's pod, and waits until its successor is in its place.</summary>
    public async Task DeleteMasterAsync(int shard, CancellationToken cancellationToken)
    {
        var master = await MasterAsync(shard, cancellationToken);
        await api.DeleteAsync<V1Pod>(Namespace, master.Metadata.Name!, new DeleteOptions(), cancellationToken);
        await WaitUntilWholeAsync([master], cancellationToken);
    }

    /// <summary>Kills a master's process, and waits until it is back in its place.</summary>
    public async Task KillMasterAsync(int shard, CancellationToken cancellationToken)
    {
        var master = await MasterAsync(shard, cancellationToken);
        await api.MergePatchAsync<V1Pod>(Namespace, master.Metadata.Name!, new JsonObject { ["signal"] = Sigkill }, "localkube", cancellationToken);
        await Waiting.UntilAsync($"{master.Metadata.Name} has been started again", Within, async () =>
            (await PodsAsync(cancellationToken)).Any(pod => pod.Metadata.Uid == master.Metadata.Uid && Restarts(pod) > Restarts(master)), cancellationToken);
        await WaitUntilWholeAsync([], cancellationToken);

        static int Restarts(V1Pod pod) => pod.Status?.ContainerStatuses?.Sum(container => container.RestartCount) ?? 0;
    }

    /// <summary>Deletes all pods at once, and waits until the resource says Ready and all is whole.</summary>
    public async Task DeleteAllAsync(CancellationToken cancellationToken)
    {
        var before = await PodsAsync(cancellationToken);
        await Task.WhenAll(before.Select(pod => api.DeleteAsync<V1Pod>(Namespace, pod.Metadata.Name!, new DeleteOptions(), cancellationToken)));
        await WaitUntilWholeAsync(before, cancellationToken);
    }

    /// <summary>How many keys the masters hold.</summary>
    public async Task<long> CountKeysAsync(CancellationToken cancellationToken)
    {
        var keys = 0L;
        for (var shard = 0; shard < Shards; shard++)
        {
            var master = await MasterAsync(shard, cancellationToken);
            await using var connection = await RedisConnection.ConnectAsync(new RedisEndpoint(master.Status!.PodIP!, 6379), cancellationToken: cancellationToken);
            keys += await connection.ExecuteAsync(ServerCommands.DbSize, cancellationToken);
        }

        return keys;
    }

    public Task DeleteAsync(CancellationToken cancellationToken) => machine.DeleteAsync(name, cancellationToken);

    /// <summary>Waits until it is Ready with all its pods, none of which is one of <paramref name="gone"/>, and all servers agree.</summary>
    public Task WaitUntilWholeAsync(IReadOnlyList<V1Pod> gone, CancellationToken cancellationToken) => Waiting.UntilAsync(
        string.Create(CultureInfo.InvariantCulture, $"{name} is whole"), Within, async () =>
        {
            var cluster = await api.GetAsync<RedisCluster>(Namespace, name, cancellationToken);
            var pods = await PodsAsync(cancellationToken);
            return cluster.Status?.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }) == true
                && pods.Count == Pods
                && pods.All(pod => pod.Metadata.DeletionTimestamp is null
                    && pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true
                    && gone.All(other => other.Metadata.Uid != pod.Metadata.Uid))
                && await FormedCheck.IsFormedAsync(pool, [.. pods.Select(pod => pod.Status!.PodIP!)], Shards, cancellationToken);
        }, cancellationToken);

    async Task<V1Pod> MasterAsync(int shard, CancellationToken cancellationToken)
    {
        foreach (var pod in await PodsAsync(cancellationToken))
        {
            if (pod.Metadata.Labels![RedisClusterLabels.Shard] == shard.ToString(CultureInfo.InvariantCulture))
            {
                await using var connection = await RedisConnection.ConnectAsync(new RedisEndpoint(pod.Status!.PodIP!, 6379), cancellationToken: cancellationToken);
                if ((await connection.ExecuteAsync(new RedisCommand("ROLE"), cancellationToken)).Items[0].AsText() == "master")
                {
                    return pod;
                }
            }
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"shard {shard} of {name} has no master"));
    }

    async Task<IReadOnlyList<V1Pod>> PodsAsync(CancellationToken cancellationToken) =>
        (await api.ListAsync<V1Pod>(Namespace, new ListOptions { LabelSelector = $"{RedisClusterLabels.Cluster}={name}" }, cancellationToken)).Items;
}
