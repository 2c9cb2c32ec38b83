using Slotwise.Kubernetes.Models;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Kubernetes.Objects;

namespace Slotwise.Simulation.Kubernetes.Hosts;

/// <summary>The stable names of pods as pods resolve them: by what the API server said a moment ago.</summary>
public sealed class Names
{
    readonly SortedDictionary<string, string> _addresses = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, string?> _newest = new(StringComparer.Ordinal);

    internal Names(Simulator simulator, LiveCache<V1Pod> pods, Func<TimeSpan> delay) => pods.AddHandler((before, after) =>
    {
        var pod = (after ?? before)!;
        var address = after?.Status?.PodIP;
        if (before?.Status?.PodIP != address && pod.Spec?.Subdomain is { Length: > 0 } subdomain)
        {
            var name = $"{pod.Spec.Hostname}.{subdomain}.{pod.Metadata.NamespaceProperty}.svc";
            _newest[name] = address;

            // What comes late tells what is true by then: of two changes the last one counts, whichever took longer.
            simulator.After(delay(), () => Tell(name, _newest[name]));
        }
    });

    /// <summary>Null for a name that nobody has.</summary>
    public string? Resolve(string name) => _addresses.GetValueOrDefault(name);

    void Tell(string name, string? address)
    {
        if (address is null)
        {
            _addresses.Remove(name);
        }
        else
        {
            _addresses[name] = address;
        }
    }
}
