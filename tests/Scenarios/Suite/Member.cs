using System.Globalization;
using Slotwise.Entities;
using Slotwise.Kubernetes.Models;
using Slotwise.Redis;

namespace Slotwise.Scenarios.Suite;

/// <summary>A pod of a cluster, and the role its server has now.</summary>
/// <param name="Pod">The pod's name.</param>
/// <param name="Uid">The pod's uid.</param>
/// <param name="Shard">Its shard's index.</param>
/// <param name="Address">Where its server is.</param>
/// <param name="Host">The host it runs on.</param>
/// <param name="IsMaster">Whether its server says that it is a master.</param>
sealed record Member(string Pod, string Uid, int Shard, string Address, string Host, bool IsMaster)
{
    static readonly RedisConnectionOptions Options = new() { ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(2) };

    public RedisEndpoint Endpoint => new(Address, 6379);

    /// <summary>Asks the pod's server for its role; null when it does not answer.</summary>
    public static async Task<Member?> TryAskAsync(V1Pod pod)
    {
        if (pod is not { Status.PodIP: { Length: > 0 } address, Spec.NodeName: { } host })
        {
            return null;
        }

        try
        {
            await using var connection = await RedisConnection.ConnectAsync(new RedisEndpoint(address, 6379), options: Options);
            var role = await connection.ExecuteAsync(new RedisCommand("ROLE"));
            return new Member(
                pod.Metadata.Name!, pod.Metadata.Uid!, int.Parse(pod.Metadata.Labels![RedisClusterLabels.Shard], CultureInfo.InvariantCulture), address, host, role.Items[0].AsText() == "master");
        }
        catch (RedisException)
        {
            return null;
        }
    }

    /// <summary>Sends its server a command as an administrator; an error is one of the scenario.</summary>
    public async Task<RespValue> AskAsync(params RedisArgument[] command)
    {
        await using var connection = await RedisConnection.ConnectAsync(Endpoint, options: Options);
        return await connection.ExecuteAsync(new RedisCommand(command));
    }

    public override string ToString() => $"{Pod} ({Address}, {(IsMaster ? "master" : "replica")}, {Host})";
}
