using Slotwise.Reconcilers.Resources;
using Slotwise.Redis;

namespace Slotwise.Simulation.Containers;

/// <summary>redis-cli as the scripts use it: a connection for each question, and silence where there is no answer.</summary>
sealed class ScriptClient(IRedisNodes nodes, string password)
{
    const int Port = ClusterPorts.Data;

    public async Task<IReadOnlyList<RespValue>?> AskAsync(string address, TimeSpan timeout, params RedisCommand[] commands)
    {
        try
        {
            await using var session = await nodes.OpenAsync(new RedisEndpoint(address, Port), new RedisCredentials(Credentials.OperatorUser, password), timeout, CancellationToken.None);
            return await session.ExecuteAsync(commands, timeout, CancellationToken.None);
        }
        catch (RedisConnectionException)
        {
            return null;
        }
    }
}
