using Slotwise.Kubernetes.Events;
using Slotwise.Reconcilers.Observation;

namespace Slotwise.Reconcilers.Status;

/// <summary>What people should know of how servers were started: what their gates decided (law 5).</summary>
public static class StartReport
{
    /// <summary>Of older processes it was said before, or nobody waited for it.</summary>
    static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    public static IEnumerable<(EventType Type, string Reason, string Note)> Of(ClusterObservation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        foreach (var pod in observation.Members.Where(pod => pod.Server!.Info.Uptime < Young))
        {
            var lost = $"{pod.Name} lost what was in its memory, {pod.Server!.Id}, and";
            switch (pod.Server.Start)
            {
                case StartDecision.Replaced:
                    yield return (EventType.Normal, "ReturnedAsReplica", $"{pod.Name} ended without a handover, and started again when another node had its slots");
                    break;
                case StartDecision.Emptied:
                    yield return (EventType.Warning, "KeysLost", $"{lost} started without: nobody else had its keys");
                    break;
                case StartDecision.Restored:
                    yield return (EventType.Warning, "RestoredFromDump", $"{lost} started from what is on its volume, which is older: nobody had anything newer");
                    break;
                case StartDecision.Resigned:
                    yield return (EventType.Warning, "KeysLost", $"{lost} started without because its annotation says so: a replica that may have its keys does not answer");
                    break;
            }
        }
    }
}
