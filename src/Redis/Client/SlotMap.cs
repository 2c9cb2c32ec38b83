namespace Slotwise.Redis;

/// <summary>Who serves a slot.</summary>
sealed record SlotOwner(RedisEndpoint Master, IReadOnlyList<RedisEndpoint> Replicas);

/// <summary>Which nodes serve which slots, as CLUSTER SLOTS has it and redirections correct it.</summary>
sealed class SlotMap
{
    readonly SlotOwner?[] _owners = new SlotOwner?[SlotSet.SlotCount];

    /// <summary>Who serves the slot, or null if that is not known.</summary>
    public SlotOwner? this[int slot] => Volatile.Read(ref _owners[slot]);

    /// <summary>Every master that serves a slot.</summary>
    public IEnumerable<RedisEndpoint> Masters => _owners.OfType<SlotOwner>().Select(owner => owner.Master).Distinct();

    /// <summary>Every node that is known to serve a slot, masters first.</summary>
    public IEnumerable<RedisEndpoint> Nodes => Masters.Concat(_owners.OfType<SlotOwner>().Distinct().SelectMany(owner => owner.Replicas)).Distinct();

    /// <summary>Notes that the slot has moved. Who follows its new master is known where that one has other slots.</summary>
    public void Move(int slot, RedisEndpoint master)
    {
        if (this[slot]?.Master != master)
        {
            Volatile.Write(ref _owners[slot], Array.Find(_owners, owner => owner?.Master == master) ?? new SlotOwner(master, []));
        }
    }

    /// <summary>Reads <c>[first, last, [host, port, id, ...], replicas...]...</c>.</summary>
    /// <param name="reply">The reply to CLUSTER SLOTS.</param>
    /// <param name="asked">Who gave it: a node that does not know its own address leaves the host out.</param>
    public static SlotMap Read(RespValue reply, RedisEndpoint asked)
    {
        var map = new SlotMap();
        foreach (var entry in reply.ThrowIfError().Items)
        {
            if (entry.Items is not [var first, var last, var master, .. var replicas]
                || !first.TryGetInteger(out var from)
                || !last.TryGetInteger(out var to)
                || from < 0 || to >= SlotSet.SlotCount
                || Endpoint(master, asked) is not { } endpoint)
            {
                continue;
            }

            var owner = new SlotOwner(endpoint, [.. replicas.ToArray().Select(replica => Endpoint(replica, asked)).OfType<RedisEndpoint>()]);
            for (var slot = (int)from; slot <= (int)to; slot++)
            {
                map._owners[slot] = owner;
            }
        }

        return map;
    }

    static RedisEndpoint? Endpoint(RespValue node, RedisEndpoint asked)
    {
        if (node.Items is not [var host, var port, ..] || !port.TryGetInteger(out var number))
        {
            return null;
        }

        // a node that should announce a host name and has none is shown as ?
        var name = host.AsText() is { Length: > 0 } known && known != "?" ? known : asked.Host;
        return new RedisEndpoint(name, (int)number);
    }
}
