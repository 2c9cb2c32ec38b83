using System.Net;

namespace Slotwise.LocalKubernetes.Network;

/// <summary>
/// Links that carry nothing, as rules of the switch. What is sent over them is lost without an answer, in connections that exist as in new ones.
/// </summary>
/// <remarks>One cut of a pod from all others leaves its links to the machine and the hosts, whose addresses lie in the same range, alone.</remarks>
sealed class CutLinks(Subnet subnet)
{
    const int Pair = 10;
    const int ExceptHost = 20;
    const int All = 30;

    readonly HashSet<(IPAddress Pod, IPAddress? Other)> _cut = [];

    /// <summary>What has to be there for the machine and for each host before anything is cut.</summary>
    public static string Except(IPAddress host) => $"""
        rule add from {host} lookup main prio {ExceptHost}
        rule add to {host} lookup main prio {ExceptHost}
        """;

    /// <summary>The commands that cut a link; null when it is cut already.</summary>
    /// <param name="other">Null: all other pods.</param>
    public string? Cut(IPAddress pod, IPAddress? other) => _cut.Contains((other ?? pod, pod)) || !_cut.Add((pod, other)) ? null : Rules("add", pod, other);

    /// <summary>The commands that mend a link, in whichever direction it was cut; null when it is whole.</summary>
    public string? Mend(IPAddress pod, IPAddress? other) =>
        _cut.Remove((pod, other)) ? Rules("del", pod, other)
        : other is not null && _cut.Remove((other, pod)) ? Rules("del", other, pod)
        : null;

    /// <summary>The other ends of all links of a pod that are cut; null stands for all pods.</summary>
    public IReadOnlyList<IPAddress?> Of(IPAddress pod) =>
        [.. _cut.Where(cut => cut.Pod.Equals(pod)).Select(cut => cut.Other), .. _cut.Where(cut => pod.Equals(cut.Other)).Select(cut => cut.Pod)];

    string Rules(string verb, IPAddress pod, IPAddress? other)
    {
        var (far, priority) = other is null ? ($"{subnet}", All) : ($"{other}", Pair);
        return $"""
            rule {verb} from {pod} to {far} blackhole prio {priority}
            rule {verb} from {far} to {pod} blackhole prio {priority}
            """;
    }
}
