namespace Slotwise.EndToEnd.Clusters;

/// <summary>Waits for what other programs do, where there is nothing to await.</summary>
static class Eventually
{
    /// <param name="what">What is waited for, for the message when it does not come.</param>
    /// <param name="bound">How long.</param>
    /// <param name="look">Null when it is there, else what is there instead.</param>
    public static async Task SeenAsync(string what, TimeSpan bound, Func<Task<string?>> look)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await look() is { } instead)
        {
            if (TimeProvider.System.GetElapsedTime(start) > bound)
            {
                Assert.Fail($"within {bound.TotalSeconds} s it was not seen that {what}; instead: {instead}");
            }

            await Task.Delay(100);
        }
    }
}
