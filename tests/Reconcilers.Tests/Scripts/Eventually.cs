using System.Diagnostics;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Tests.Scripts;

/// <summary>Waiting for what real servers do in their own time.</summary>
static class Eventually
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="what">What is waited for, as a sentence.</param>
    /// <param name="lacks">What is missing still; null when it holds.</param>
    public static async Task HoldsAsync(string what, Func<Task<string?>> lacks)
    {
        string? lack = null;
        for (var start = Stopwatch.StartNew(); start.Elapsed < Patience; await Task.Delay(20))
        {
            try
            {
                lack = await lacks();
            }
            catch (Exception e) when (e is RedisConnectionException or RedisServerException)
            {
                lack = e.Message;
            }

            if (lack is null)
            {
                return;
            }
        }

        Assert.Fail($"{what}: not within {Patience.TotalSeconds} s, {lack}");
    }
}
