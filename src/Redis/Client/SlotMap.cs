namespace Slotwise.Redis;

/// <summary>Which node serves which slot, as CLUSTER SLOTS has it and redirections correct it.</summary>
sealed class SlotMap
{
    readonly ClientNode?[] _owners = new ClientNode?[SlotSet.SlotCount];

    /// <summary>The node that serves the slot, or null if none is known.</summary>
    public ClientNode? this[int slot]
    {
        get => Volatile.Read(ref _owners[slot]);
        set => Volatile.Write(ref _owners[slot], value);
    }

    /// <summary>Every node that serves a slot.</summary>
    public IEnumerable<ClientNode> Nodes => _owners.OfType<ClientNode>().Distinct();

    /// <summary>Reads <c>[first, last, [host, port, id, ...], replicas...]...</c>.</summary>
    /// <param name="reply">The reply to CLUSTER SLOTS.</param>
    /// <param name="asked">Who gave it: a node that does not know its own address leaves the host out.</param>
    /// <param name="nodeAt">The node at an address.</param>
    public static SlotMap Read(RespValue reply, RedisEndpoint asked, Func<RedisEndpoint, ClientNode> nodeAt)
    {
        var map = new SlotMap();
        foreach (var entry in reply.ThrowIfError().Items)
        {
            if (entry.Items is not [var first, var last, var master, ..]
                || master.Items is not [var host, var port, ..]
                || !first.TryGetInteger(out var from)
                || !last.TryGetInteger(out var to)
                || !port.TryGetInteger(out var number)
                || from < 0 || to >= SlotSet.SlotCount)
            {
                continue;
            }

            // a node that should announce a host name and has none is shown as ?
            var name = host.AsText() is { Length: > 0 } known && known != "?" ? known : asked.Host;
            var node = nodeAt(new RedisEndpoint(name, (int)number));
            for (var slot = (int)from; slot <= (int)to; slot++)
            {
                map._owners[slot] = node;
            }
        }

        return map;
    }
}
