using System.Globalization;
using Slotwise.Operator.CommandLine;
using Slotwise.Operator.Status;
using Slotwise.Redis;

namespace Slotwise.Operator.Load;

/// <summary>Which shard the node at an address is of, as the pods' labels say.</summary>
sealed class PodShards
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    volatile Dictionary<RedisEndpoint, string> _shards;

    public PodShards(ClusterPicture picture) => _shards = Read(picture);

    /// <summary>The name of the shard, or null for an address that no known pod has.</summary>
    public string? ShardAt(RedisEndpoint endpoint) => _shards.GetValueOrDefault(endpoint);

    /// <summary>Looks at the pods again whenever a master is met whose address no known pod has, until it is told to stop.</summary>
    public async Task FollowAsync(RedisClusterClient client, Func<CancellationToken, Task<ClusterPicture>> readAsync, TimeProvider time, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Interval, time, stop);
                if (client.Masters.Any(master => ShardAt(master) is null))
                {
                    _shards = Read(await readAsync(stop));
                }
            }
            catch (Exception error) when (error is OperationCanceledException || ErrorText.TryDescribe(error) is not null)
            {
                // the names of new shards are all that is missing
            }
        }
    }

    static Dictionary<RedisEndpoint, string> Read(ClusterPicture picture)
    {
        var shards = new Dictionary<RedisEndpoint, string>();
        foreach (var pod in picture.Pods)
        {
            if (pod.Endpoint is { } endpoint)
            {
                shards[endpoint] = pod.Shard.ToString(CultureInfo.InvariantCulture);
            }
        }

        return shards;
    }
}
