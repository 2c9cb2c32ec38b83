namespace Slotwise.Kubernetes.Client;

/// <summary>How many requests went out since the start, retries counted.</summary>
public sealed class RequestCounts
{
    long _reads;
    long _writes;
    long _watches;

    /// <summary>GETs of one object or of a page.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>Everything that can change an object.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Watches opened.</summary>
    public long Watches => Interlocked.Read(ref _watches);

    internal void CountRequest(HttpMethod method)
    {
        if (method == HttpMethod.Get)
        {
            Interlocked.Increment(ref _reads);
        }
        else
        {
            Interlocked.Increment(ref _writes);
        }
    }

    internal void CountWatch() => Interlocked.Increment(ref _watches);
}
