namespace Slotwise.Operator.Tests;

/// <summary>Waits for what another process will do, where there is no event to wait for.</summary>
static class Eventually
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static Task HoldsAsync(Func<bool> condition, string what) => HoldsAsync(() => Task.FromResult(condition()), what);

    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Bound)
            {
                Assert.Fail($"within {Bound.TotalSeconds} s it was not seen that {what}");
            }

            await Task.Delay(20);
        }
    }
}
