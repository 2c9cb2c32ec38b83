using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Operator.Check;

/// <summary>Writes keys through a cluster client, as an application would, reads every one back, and removes them.</summary>
/// <param name="client">Follows the cluster's redirections.</param>
/// <param name="prefix">Begins every key; must be new, since the keys are removed in the end.</param>
sealed class KeyCheck(RedisClusterClient client, string prefix)
{
    const int BatchSize = 1000;

    /// <summary>So that a check that was interrupted leaves nothing for long; in seconds.</summary>
    const int Lifetime = 600;

    /// <returns>How many of the keys came back with what was written.</returns>
    /// <exception cref="RedisException">A key could not be written or read.</exception>
    public async Task<int> RunAsync(int keys, CancellationToken cancellationToken)
    {
        var returned = 0;
        try
        {
            await SendAsync(keys, index => new RedisCommand("SET", Key(index), Value(index), "EX", Lifetime), (_, reply) => reply.ThrowIfError(), cancellationToken);
            await SendAsync(
                keys,
                index => new RedisCommand("GET", Key(index)),
                (index, reply) => returned += reply.ThrowIfError().AsText() == Value(index) ? 1 : 0,
                cancellationToken);
        }
        finally
        {
            await SendAsync(keys, index => new RedisCommand("DEL", Key(index)), (_, _) => { }, CancellationToken.None);
        }

        return returned;
    }

    string Key(int index) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{index}");

    string Value(int index) => $"value of {Key(index)}";

    async Task SendAsync(int keys, Func<int, RedisCommand> build, Action<int, RespValue> take, CancellationToken cancellationToken)
    {
        foreach (var batch in Enumerable.Range(0, keys).Chunk(BatchSize))
        {
            var replies = await client.ExecuteAsync([.. batch.Select(build)], cancellationToken);
            for (var i = 0; i < batch.Length; i++)
            {
                take(batch[i], replies[i]);
            }
        }
    }
}
