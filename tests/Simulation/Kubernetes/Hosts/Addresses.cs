using System.Globalization;

namespace Slotwise.Simulation.Kubernetes.Hosts;

/// <summary>The addresses of pods. Each sandbox gets one that nobody had before, unless a run wants a pod to get one that another had.</summary>
public sealed class Addresses
{
    readonly SortedDictionary<string, string> _wanted = new(StringComparer.Ordinal);
    readonly SortedSet<string> _taken = new(StringComparer.Ordinal);
    readonly SortedDictionary<int, int> _given = [];

    /// <summary>Called when nobody has an address any more.</summary>
    public Action<string>? Released { get; set; }

    /// <summary>The next sandbox of the pod gets this address, if nobody has it then.</summary>
    public void Want(string pod, string address) => _wanted[pod] = address;

    /// <summary>Whether the address that the next sandbox of the pod is to get is another's still.</summary>
    internal bool IsAwaited(string pod) => _wanted.TryGetValue(pod, out var wanted) && _taken.Contains(wanted);

    internal string Take(int host, string pod)
    {
        if (_wanted.Remove(pod, out var wanted) && _taken.Add(wanted))
        {
            return wanted;
        }

        var number = _given[host] = _given.GetValueOrDefault(host) + 1;
        var address = string.Create(CultureInfo.InvariantCulture, $"10.{host + 1}.{number / 250}.{(number % 250) + 1}");
        return _taken.Add(address) ? address : Take(host, pod);
    }

    internal void Release(string address)
    {
        if (_taken.Remove(address))
        {
            Released?.Invoke(address);
        }
    }
}
