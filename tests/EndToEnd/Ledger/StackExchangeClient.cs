using Slotwise.Operator.Load;
using Slotwise.Redis;
using StackExchange.Redis;
using Theirs = StackExchange.Redis;

namespace Slotwise.EndToEnd.Ledger;

/// <summary>
/// StackExchange.Redis under a ledger, as an application uses it: with the repetition of what was not carried out that its documentation leaves to
/// the application. It follows one redirection of a command and no second one, finds a server that it does not know yet not connected, and learns of
/// moved slots one by one, so that it is told to look at the whole cluster again.
/// </summary>
sealed class StackExchangeClient : ILedgerClient
{
    /// <summary>The library does not say which server it was.</summary>
    static readonly RedisEndpoint Somewhere = new("cluster", 6379);

    static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    readonly ConnectionMultiplexer _redis;
    long _redirects;
    int _isLooking;

    public StackExchangeClient(ConnectionMultiplexer redis)
    {
        _redis = redis;
        redis.HashSlotMoved += (_, _) =>
        {
            Interlocked.Increment(ref _redirects);
            _ = LookAgainAsync();
        };
    }

    public long Redirects => Interlocked.Read(ref _redirects);

    public async Task<LedgerReply> ExecuteAsync(Redis.RedisCommand command, bool isRead, ReadFrom from, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return new LedgerReply(await SendAsync(command).WaitAsync(AnswersWithin, cancellationToken), Server: null);
            }
            catch (Exception refusal) when (WasNotCarriedOut(refusal) && TimeProvider.System.GetElapsedTime(start) < AnswersWithin)
            {
                Interlocked.Increment(ref _redirects);
                await Task.Delay(Pause, cancellationToken);
                if (refusal is Theirs.RedisConnectionException)
                {
                    await _redis.ConfigureAsync();
                }
            }
            catch (Theirs.RedisServerException refusal)
            {
                throw new Redis.RedisServerException(refusal.Message);
            }
            catch (Theirs.RedisConnectionException failure)
            {
                throw new Redis.RedisConnectionException(Somewhere, failure.Message, failure) { MayHaveBeenCarriedOut = !WasNotCarriedOut(failure) };
            }
            catch (TimeoutException late)
            {
                throw new Redis.RedisTimeoutException(Somewhere, late.Message, late) { MayHaveBeenCarriedOut = true };
            }
        }
    }

    public string? ShardOf(int slot) => null;

    static bool WasNotCarriedOut(Exception error) => error switch
    {
        Theirs.RedisServerException refusal => Array.Exists(
            ["MOVED", "ASK", "TRYAGAIN", "Key has MOVED", "Endpoint "], beginning => refusal.Message.StartsWith(beginning, StringComparison.Ordinal)),

        // it sends nothing to a master that it still takes for a replica
        Theirs.RedisConnectionException failure => failure.FailureType == ConnectionFailureType.UnableToResolvePhysicalConnection || failure.InnerException is RedisCommandException,
        _ => false,
    };

    async Task LookAgainAsync()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) == 0)
        {
            await Task.Delay(BetweenLooks);
            Volatile.Write(ref _isLooking, 0);
            await _redis.ConfigureAsync();
        }
    }

    async Task<RespValue> SendAsync(Redis.RedisCommand command)
    {
        var database = _redis.GetDatabase();
        RedisKey key = command.ArgumentText(1);
        RedisValue Bytes(int index) => command.Arguments[index].ToArray();
        switch (command.Name)
        {
            case "SET":
                TimeSpan? expiry = command.ArgumentText(3) == "PX" ? TimeSpan.FromMilliseconds(double.Parse(command.ArgumentText(4), System.Globalization.CultureInfo.InvariantCulture)) : null;
                await database.StringSetAsync(key, Bytes(2), expiry);
                return RespValue.Ok;
            case "HSET":
                await database.HashSetAsync(key, Bytes(2), Bytes(3));
                return RespValue.Ok;
            case "GET":
                return Value(await database.StringGetAsync(key));
            case "HGET":
                return Value(await database.HashGetAsync(key, Bytes(2)));
            case "UNLINK":
                await database.KeyDeleteAsync(key);
                return RespValue.Ok;
            default:
                // commands that are younger than this library
                var arguments = new List<object> { key };
                for (var i = 2; i < command.Arguments.Length; i++)
                {
                    arguments.Add(command.Arguments[i].ToArray());
                }

                return Convert(await database.ExecuteAsync(command.Name, arguments));
        }
    }

    static RespValue Value(RedisValue value) => value.IsNull ? RespValue.Null : RespValue.Blob(value!);

    static RespValue Convert(RedisResult result)
    {
        if (result.IsNull)
        {
            return RespValue.Null;
        }

        // the library does not say what a result is
        try
        {
            return Value((RedisValue)result);
        }
        catch (InvalidCastException)
        {
            return RespValue.Array([.. ((RedisResult[])result!).Select(Convert)]);
        }
    }
}
