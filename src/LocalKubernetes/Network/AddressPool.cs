using System.Net;

namespace Slotwise.LocalKubernetes.Network;

/// <summary>
/// Hands out the addresses of a subnet in turn, so that one given back is not used again soon: peers may still try to
/// reach whoever had it before. The first usable address is the host's. Safe for concurrent use.
/// </summary>
public sealed class AddressPool(Subnet subnet)
{
    readonly Lock _gate = new();
    readonly HashSet<uint> _taken = [];
    readonly HashSet<uint> _reserved = [];
    uint _last = 1;

    public Subnet Subnet => subnet;

    public IPAddress Gateway => subnet.At(1);

    /// <exception cref="InvalidOperationException">Every address is in use.</exception>
    public IPAddress Take()
    {
        lock (_gate)
        {
            var highest = subnet.Last - subnet.First - 1;
            var next = _last;
            for (uint i = 1; i < highest; i++)
            {
                next = next >= highest ? 2 : next + 1;
                if (!_reserved.Contains(next) && _taken.Add(next))
                {
                    _last = next;
                    return subnet.At(next);
                }
            }

            throw new InvalidOperationException($"all addresses of {subnet} are in use");
        }
    }

    /// <summary>Keeps an address for whoever asks for just this one, from now or from when it is given back.</summary>
    /// <returns>False: it is none that a pod can have.</returns>
    public bool TryReserve(IPAddress address)
    {
        lock (_gate)
        {
            return TryFind(address, out var index) && (_reserved.Add(index) || true);
        }
    }

    /// <summary>Takes a certain address, and ends its reservation.</summary>
    /// <returns>False: it is in use, or none that a pod can have.</returns>
    public bool TryTake(IPAddress address)
    {
        lock (_gate)
        {
            return TryFind(address, out var index) && _taken.Add(index) && (_reserved.Remove(index) || true);
        }
    }

    bool TryFind(IPAddress address, out uint index)
    {
        for (index = 2; index < subnet.Last - subnet.First; index++)
        {
            if (subnet.At(index).Equals(address))
            {
                return true;
            }
        }

        return false;
    }

    public void Return(IPAddress address)
    {
        lock (_gate)
        {
            _taken.RemoveWhere(index => subnet.At(index).Equals(address));
        }
    }
}
