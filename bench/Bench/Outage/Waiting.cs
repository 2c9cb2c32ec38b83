using System.Diagnostics;
using System.Globalization;
using Slotwise.Redis;

namespace Slotwise.Bench.Outage;

/// <summary>Waits for what servers do.</summary>
static class Waiting
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <param name="what">What is waited for, for the message when it does not come.</param>
    /// <param name="within">How long.</param>
    /// <param name="isThereAsync">Whether it is; a server that cannot be reached means that it is not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task UntilAsync(string what, TimeSpan within, Func<Task<bool>> isThereAsync, CancellationToken cancellationToken)
    {
        for (var start = Stopwatch.GetTimestamp(); !await IsThereAsync(); await Task.Delay(BetweenLooks, cancellationToken))
        {
            if (Stopwatch.GetElapsedTime(start) > within)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"within {within.TotalSeconds} s it was not seen that {what}"));
            }
        }

        async Task<bool> IsThereAsync()
        {
            try
            {
                return await isThereAsync();
            }
            catch (RedisException)
            {
                return false;
            }
        }
    }
}
