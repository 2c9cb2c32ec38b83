using System.Net;

namespace Slotwise.LocalKubernetes.Network;

/// <summary>
/// Hands out the addresses of a subnet in turn, so that one given back is not used again soon: peers may still try to
/// reach whoever had it before. The first usable address is the host's. Safe for concurrent use.
/// </summary>
public sealed class AddressPool(Subnet subnet)
{
    private readonly Lock _gate = new();
    private readonly HashSet<uint> _taken = [];
    private uint _last = 1;

    public IPAddress Gateway => subnet.At(1);

    /// <exception cref="InvalidOperationException">Every address is in use.</exception>
    public IPAddress Take()
    {
        lock (_gate)
        {
            var highest = subnet.Last - subnet.First - 1;
            for (uint i = 0; i < highest; i++)
            {
                _last = _last >= highest ? 2 : _last + 1;
                if (_taken.Add(_last))
                {
                    return subnet.At(_last);
                }
            }

            throw new InvalidOperationException($"all addresses of {subnet} are in use");
        }
    }

    public void Return(IPAddress address)
    {
        lock (_gate)
        {
            _taken.RemoveWhere(index => subnet.At(index).Equals(address));
        }
    }
}
