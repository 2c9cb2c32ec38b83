using Slotwise.Reconcilers.Observation;
using Slotwise.Redis;

namespace Slotwise.Reconcilers.Planning.Failovers;

/// <summary>What is known of the end of a process that does not answer (law 4). That it does not answer says nothing.</summary>
/// <param name="End">How much is known.</param>
/// <param name="Words">What is known, for people, as in "POD does not answer: WORDS".</param>
public sealed record NodeFate(ProcessEnd End, string Words)
{
    static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);

    /// <summary>The fate of a node that does not answer, from what was observed.</summary>
    public static NodeFate Of(ClusterView view, NodeId id)
    {
        ArgumentNullException.ThrowIfNull(view);
        return NodeTrace.Of(view, id) is { } trace
            ? Judge(trace, view.Observation.Pods.FirstOrDefault(pod => pod.Name == trace.Pod), view.Observation.Host, EndsBefore(view))
            : new NodeFate(ProcessEnd.Unknown, $"nobody knows in which pod node {id} was");
    }

    /// <summary>The same from what is read afresh.</summary>
    /// <param name="trace">Where it ran.</param>
    /// <param name="pod">The pod that has that name now; null if there is none.</param>
    /// <param name="find">Finds a host by its name.</param>
    /// <param name="endsBefore">By now every process has ended whose pod was gone before this time on a host that reports since before it.</param>
    public static NodeFate Judge(NodeTrace trace, PodObservation? pod, Func<string, HostObservation?> find, DateTimeOffset endsBefore)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(find);
        return pod is not null && trace.IsIn(pod) ? JudgePresent(trace, pod, find(pod.Host)) : JudgeGone(trace, pod, find, endsBefore);
    }

    /// <summary>A kubelet ends whatever has no pod, and takes the grace of the pod for it; a minute more for clocks that differ and for reports that are late.</summary>
    public static DateTimeOffset EndsBefore(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return view.Observation.At - TimeSpan.FromSeconds(view.Spec.TerminationGracePeriodSeconds) - Margin;
    }

    static NodeFate JudgePresent(NodeTrace trace, PodObservation pod, HostObservation? host) => host switch
    {
        { IsOutOfService: true } => new NodeFate(ProcessEnd.Proven, $"its host {pod.Host} is out of service"),
        _ when !pod.HasEnded && !trace.IsAnother(pod) => new NodeFate(
            ProcessEnd.Unknown,
            host is { IsReady: true } ? "its container runs" : $"its host {pod.Host} does not report"),
        { IsReady: true } => new NodeFate(ProcessEnd.Proven, $"host {pod.Host} reports that its process ended"),
        _ => new NodeFate(ProcessEnd.Seen, $"its process ended, and its host {pod.Host} does not report any more"),
    };

    static NodeFate JudgeGone(NodeTrace trace, PodObservation? pod, Func<string, HostObservation?> find, DateTimeOffset endsBefore)
    {
        var what = pod is null ? "its pod is gone" : "its pod was replaced";
        return trace switch
        {
            { HasEnded: true } => new NodeFate(ProcessEnd.Proven, $"host {trace.Host} reported that its process ended"),
            { Host: null } => new NodeFate(ProcessEnd.Seen, what),
            { Host: { } name } => find(name) switch
            {
                null => new NodeFate(ProcessEnd.Proven, $"{what}, and so is its host {name}"),
                { IsOutOfService: true } => new NodeFate(ProcessEnd.Proven, $"{what}, and its host {name} is out of service"),
                { ReadySince: { } since } when since < endsBefore && pod?.Pod.Metadata.CreationTimestamp < endsBefore =>
                    new NodeFate(ProcessEnd.Proven, $"{what} long ago, and its host {name} reports, which ends what has no pod"),
                _ => new NodeFate(ProcessEnd.Seen, $"{what}, while its host {name} is there"),
            },
        };
    }
}

/// <summary>How much is known of the end of a process.</summary>
public enum ProcessEnd
{
    /// <summary>It may live: partitioned, busy or stopped.</summary>
    Unknown,

    /// <summary>There is a sign that it ended: enough to ask for votes.</summary>
    Seen,

    /// <summary>It ended: what it would have served is served by nobody.</summary>
    Proven,
}
