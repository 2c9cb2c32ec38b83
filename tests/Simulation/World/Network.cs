using Slotwise.Simulation.Clock;

namespace Slotwise.Simulation.World;

/// <summary>
/// Who reaches whom and how long it takes, by address. Pods, hosts' kubelets, clients, operators and the API server are all on it; both models ask it before
/// anything is delivered.
/// </summary>
public sealed class Network(Simulator simulator)
{
    /// <summary>Where the API server is.</summary>
    public const string ApiServer = "api";

    readonly SortedSet<(string From, string To)> _cuts = [];
    readonly SortedSet<string> _off = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, string> _hosts = new(StringComparer.Ordinal);
    readonly Random _random = simulator.NewRandom("network");

    /// <summary>Of how many packets one is lost between servers; 0 for none.</summary>
    public double Loss { get; set; }

    /// <summary>The longest that a packet takes.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Says on which host an address is, so that cuts between hosts concern it.</summary>
    public void Place(string address, string host) => _hosts[address] = host;

    /// <summary>Cuts two addresses or hosts from each other, both ways.</summary>
    public void Cut(string one, string other)
    {
        _cuts.Add((one, other));
        _cuts.Add((other, one));
    }

    /// <summary>Cuts one way only.</summary>
    public void CutOneWay(string from, string to) => _cuts.Add((from, to));

    public void Mend(string one, string other)
    {
        _cuts.Remove((one, other));
        _cuts.Remove((other, one));
    }

    public void MendAll() => _cuts.Clear();

    /// <summary>A host without power: nothing gets there or comes from there, however well the lines are.</summary>
    public void SetOff(string host, bool isOff)
    {
        if (isOff)
        {
            _off.Add(host);
        }
        else
        {
            _off.Remove(host);
        }
    }

    /// <summary>Whether packets get from one address to another; nothing random is in it.</summary>
    public bool Reaches(string from, string to)
    {
        if (_cuts.Count == 0 && _off.Count == 0)
        {
            return true;
        }

        var fromHost = _hosts.GetValueOrDefault(from, from);
        var toHost = _hosts.GetValueOrDefault(to, to);
        return !_off.Contains(fromHost) && !_off.Contains(toHost)
            && !_cuts.Contains((from, to)) && !_cuts.Contains((fromHost, toHost)) && !_cuts.Contains((from, toHost)) && !_cuts.Contains((fromHost, to));
    }

    /// <summary>How long the next packet takes.</summary>
    public TimeSpan NextDelay() => TimeSpan.FromTicks(1 + (long)(_random.NextDouble() * MaxDelay.Ticks));

    /// <summary>Whether the next packet is lost.</summary>
    public bool LosesNext() => Loss > 0 && _random.NextDouble() < Loss;
}
