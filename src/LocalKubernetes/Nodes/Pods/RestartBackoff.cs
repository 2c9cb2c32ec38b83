namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>
/// How long a container that ended waits before it is started again: the first time not at all, then 10 s, doubled each time up
/// to 5 minutes; a run of 10 minutes makes it new (kubelet's back-off).
/// </summary>
public sealed class RestartBackoff
{
    static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Healthy = TimeSpan.FromMinutes(10);

    TimeSpan? _next;

    /// <summary>The wait after a run that took this long.</summary>
    public TimeSpan Next(TimeSpan ran)
    {
        if (ran >= Healthy)
        {
            _next = null;
        }

        var wait = _next ?? TimeSpan.Zero;
        _next = _next is not { } current ? First : current * 2 < Longest ? current * 2 : Longest;
        return wait;
    }
}
