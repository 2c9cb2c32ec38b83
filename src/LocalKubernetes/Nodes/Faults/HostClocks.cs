using System.Collections.Concurrent;

namespace Slotwise.LocalKubernetes.Nodes.Faults;

/// <summary>How wrong the hosts' clocks are: where those of their adjustable pods begin.</summary>
public sealed class HostClocks
{
    readonly ConcurrentDictionary<string, TimeSpan> _offsets = new();

    public TimeSpan OffsetOf(string host) => _offsets.GetValueOrDefault(host);

    public void Set(string host, TimeSpan offset) => _offsets[host] = offset;
}
