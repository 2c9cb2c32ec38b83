using Slotwise.Simulation.Redis.Cluster;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Bus;

/// <summary>One end of a connection on the cluster bus (clusterLink).</summary>
sealed class BusLink(ServerProcess owner, KnownNode? node, TimeSpan createdAt)
{
    readonly List<BusMessage> _unsent = [];
    BusLink? _peer;
    Wire? _outward;

    /// <summary>Whom it leads to; of one that was accepted known only after the first message.</summary>
    public KnownNode? Node { get; set; } = node;

    /// <summary>Whether the other side made the connection.</summary>
    public bool IsInbound { get; } = node is null;

    public TimeSpan CreatedAt => createdAt;

    public bool IsOpen { get; private set; } = true;

    /// <summary>Whether the connection was made: until then what is sent waits.</summary>
    public bool IsConnected => _peer is not null;

    /// <summary>The address of the other end, once connected.</summary>
    public string PeerAddress => _peer?.OwnAddress ?? "";

    string OwnAddress => owner.Address;

    public void Connect(BusLink peer, Wire outward)
    {
        _peer = peer;
        _outward = outward;
    }

    /// <summary>What was sent before the connection was made leaves now.</summary>
    public void Flush()
    {
        foreach (var message in _unsent)
        {
            Send(message);
        }

        _unsent.Clear();
    }

    public void Send(BusMessage message)
    {
        if (!IsOpen)
        {
            return;
        }

        if (_outward is null)
        {
            _unsent.Add(message);
            return;
        }

        owner.Cluster.CountSent(message.Kind);
        _outward.Send(() => _peer!.Arrive(message, this));
    }

    /// <summary>Closes this end; the other one finds out when the news arrives.</summary>
    public void Close()
    {
        if (IsOpen)
        {
            IsOpen = false;
            _outward?.Send(_peer!.BeTold);
            _outward?.Close();
        }
    }

    void Arrive(BusMessage message, BusLink sender)
    {
        if (IsOpen)
        {
            owner.Receive(() => owner.Cluster.Receive(this, message));
        }
        else
        {
            // The end of a connection that nobody has any more answers with a reset; an address that is gone says nothing.
            owner.World.Answer(owner.Address, sender.OwnAddress, sender.BeTold);
        }
    }

    void BeTold()
    {
        if (IsOpen)
        {
            owner.Receive(() => owner.Cluster.LoseLink(this));
        }
    }
}
