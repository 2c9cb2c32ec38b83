using Slotwise.Simulation.Clock;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Redis.Server;

/// <summary>
/// One direction of a TCP connection: what is sent arrives in order. Nothing is lost for good while the connection lasts: a lost packet is sent again after
/// 200 ms, then after twice that, and so on, and what was sent after it waits.
/// </summary>
sealed class Wire(Simulator simulator, Network network, string from, string to)
{
    static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    readonly Queue<Action> _held = new();
    TimeSpan _lastArrival;
    TimeSpan _retry = FirstRetry;
    bool _isClosed;

    public void Send(Action arrive)
    {
        if (_isClosed)
        {
            return;
        }

        if (_held.Count == 0 && Passes())
        {
            Deliver(arrive);
            return;
        }

        _held.Enqueue(arrive);
        if (_held.Count == 1)
        {
            simulator.After(_retry, Retry);
        }
    }

    /// <summary>Nothing more can be sent; what was sent still arrives.</summary>
    public void Close() => _isClosed = true;

    bool Passes() => network.Reaches(from, to) && !network.LosesNext();

    void Deliver(Action arrive)
    {
        var at = simulator.Now + network.NextDelay();
        _lastArrival = at > _lastArrival ? at : _lastArrival;
        simulator.After(_lastArrival - simulator.Now, arrive);
    }

    void Retry()
    {
        if (!Passes())
        {
            _retry = _retry + _retry > LastRetry ? LastRetry : _retry + _retry;

            // A closed connection is given up by then.
            if (!_isClosed || _retry < LastRetry)
            {
                simulator.After(_retry, Retry);
            }

            return;
        }

        _retry = FirstRetry;
        while (_held.TryDequeue(out var arrive))
        {
            Deliver(arrive);
        }
    }
}
