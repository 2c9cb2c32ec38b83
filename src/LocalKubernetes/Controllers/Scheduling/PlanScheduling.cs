using System.Globalization;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Scheduling.Filters;
using Slotwise.LocalKubernetes.Controllers.Scheduling.Scores;

namespace Slotwise.LocalKubernetes.Controllers.Scheduling;

/// <summary>
/// Finds a host for a pod, with the filters, scores and words of kube-scheduler's default profile. Pure. No pod gives way to a more important one:
/// priorities are resolved and shown, and nothing is preempted.
/// </summary>
public static class PlanScheduling
{
    /// <param name="pod">Not bound yet.</param>
    /// <returns>The host's name; or null, and why in the scheduler's words.</returns>
    public static (string? Node, string Reason) Choose(V1Pod pod, SchedulingView view)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(view);
        var none = string.Create(CultureInfo.InvariantCulture, $"0/{view.Hosts.Count} nodes are available");
        if (VolumeFilter.Obstacle(pod, view) is { } obstacle)
        {
            return (null, $"{none}: {obstacle}.{Preemption([.. view.Hosts.Select(_ => true)])}");
        }

        // in the order of kube-scheduler's plug-ins: the first that refuses a host says why
        IHostFilter[] filters =
            [new CordonFilter(pod), new TaintFilter(pod), new AffinityFilter(pod), new ResourceFilter(pod), new VolumeFilter(pod, view), new SpreadFilter(pod, view), new NeighbourFilter(pod, view)];
        var fit = new List<HostView>();
        var refusals = new List<IReadOnlyList<HostRefusal>>();
        foreach (var host in view.Hosts)
        {
            if (filters.Select(filter => filter.Refusals(host).ToList()).FirstOrDefault(list => list.Count > 0) is { } refused)
            {
                refusals.Add(refused);
            }
            else
            {
                fit.Add(host);
            }
        }

        if (fit.Count > 0)
        {
            return (Best(pod, view, fit).Name, "");
        }

        var list = view.Hosts.Count == 0 ? "no nodes available to schedule pods" : Histogram(refusals.SelectMany(refused => refused).Select(refusal => refusal.Reason));
        return (null, view.Hosts.Count == 0 ? list : $"{none}: {list}.{Preemption([.. refusals.Select(refused => refused.Any(refusal => refusal.IsFinal))])}");
    }

    static HostView Best(V1Pod pod, SchedulingView view, List<HostView> fit)
    {
        if (fit.Count == 1)
        {
            return fit[0];
        }

        IHostScore[] scores = [new TaintScore(pod), new AffinityScore(pod), new SpreadScore(pod, view), new NeighbourScore(pod, view), new ResourceScore(pod)];
        var sums = new double[fit.Count];
        foreach (var score in scores)
        {
            var points = score.Of(fit);
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += score.Weight * points[i];
            }
        }

        // equals are told apart by how many pods they have, where kube-scheduler throws dice
        return fit.Zip(sums).OrderByDescending(pair => Math.Round(pair.Second, 6)).ThenBy(pair => pair.First.Pods.Count).First().First;
    }

    static string Preemption(IReadOnlyList<bool> isFinal)
    {
        var none = string.Create(CultureInfo.InvariantCulture, $"0/{isFinal.Count} nodes are available");
        return $" preemption: {none}: {Histogram(isFinal.Select(final => final ? "Preemption is not helpful for scheduling" : "No preemption victims found for incoming pod"))}.";
    }

    static string Histogram(IEnumerable<string> reasons) =>
        string.Join(", ", reasons.GroupBy(reason => reason).Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}")).Order(StringComparer.Ordinal));
}
