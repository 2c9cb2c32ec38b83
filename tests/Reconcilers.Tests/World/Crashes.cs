namespace Slotwise.Reconcilers.Tests.World;

/// <summary>Ends the operator's process in the middle of its work.</summary>
static class Crashes
{
    /// <summary>Ends it once, right before or after the given write from now on, to Kubernetes or to Redis.</summary>
    /// <returns>Says how often it ended.</returns>
    public static Func<int> At(ClusterWorld world, int write, bool isAfter)
    {
        var count = 0;
        var crashes = 0;
        if (isAfter)
        {
            world.Api.AfterWrite = Count;
            world.Redis.AfterWrite = _ => Count();
        }
        else
        {
            world.Api.BeforeWrite = Count;
            world.Redis.BeforeWrite = _ => Count();
        }

        return () => crashes;

        void Count()
        {
            if (++count == write)
            {
                crashes++;
                throw new OperatorCrashedException();
            }
        }
    }
}
