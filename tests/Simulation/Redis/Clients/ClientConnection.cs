using Slotwise.Redis;
using Slotwise.Simulation.Redis.Data;
using Slotwise.Simulation.Redis.Server;

namespace Slotwise.Simulation.Redis.Clients;

/// <summary>A client's connection to one process, from both sides. Batches are carried out in the order in which they were sent.</summary>
sealed class ClientConnection
{
    readonly RedisWorld _world;
    readonly string _from;
    readonly Wire _toServer;
    readonly Wire _toClient;
    readonly Queue<Batch> _batches = new();
    Batch? _inWork;

    public ClientConnection(RedisWorld world, string from, ServerProcess process)
    {
        _world = world;
        _from = from;
        Process = process;
        _toServer = world.NewWire(from, process.Address);
        _toClient = world.NewWire(process.Address, from);
        Session = new ClientSession(process);
        world.Register(this);
    }

    public ServerProcess Process { get; }

    public ClientSession Session { get; }

    /// <summary>Whether the client still has its end and has not heard of the other one's closing.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>How far the server's history was when it had carried out the last batch: a write of that batch ends there or before.</summary>
    public (History History, long Offset) Position { get; private set; }

    bool IsOpenAtServer { get; set; } = true;

    /// <summary>Sends a batch.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="done">Called with the replies, or with null when the connection broke before all of them had come.</param>
    public void Send(IReadOnlyList<RedisCommand> commands, Action<RespValue[]?> done)
    {
        var batch = new Batch(commands, done);
        _batches.Enqueue(batch);
        _toServer.Send(() =>
        {
            if (IsOpenAtServer && Process.IsRunning)
            {
                Process.Receive(() => Begin(batch));
            }
            else
            {
                _world.Answer(Process.Address, _from, LoseServer);
            }
        });
    }

    /// <summary>The client closes it; whatever is under way may still be carried out.</summary>
    public void Close()
    {
        if (!IsOpen)
        {
            return;
        }

        IsOpen = false;
        _batches.Clear();
        _toServer.Send(() =>
        {
            IsOpenAtServer = false;
            _world.Unregister(this);
        });
        _toServer.Close();
    }

    public void CloseByServer()
    {
        if (IsOpenAtServer)
        {
            IsOpenAtServer = false;
            _world.Unregister(this);
            _toClient.Send(LoseServer);
            _toClient.Close();
        }
    }

    void LoseServer()
    {
        if (!IsOpen)
        {
            return;
        }

        IsOpen = false;
        while (_batches.TryDequeue(out var batch))
        {
            batch.Done(null);
        }
    }

    void Begin(Batch batch)
    {
        // A batch waits while a command of the one before is held back.
        if (_inWork is not null)
        {
            _inWork.WhenDone = () => Begin(batch);
            return;
        }

        _inWork = batch;
        Continue(batch);
    }

    void Continue(Batch batch)
    {
        while (batch.Next < batch.Commands.Count)
        {
            if (!IsOpenAtServer || !Process.IsRunning)
            {
                return;
            }

            var seen = new CommandSeen(_from, Process, batch.Commands[batch.Next], CommandKinds.IsWrite(batch.Commands[batch.Next]));
            var interruption = _world.Judge?.Invoke(seen) ?? Interruption.None;
            if (interruption == Interruption.BeforeEffect)
            {
                CloseByServer();
                return;
            }

            var hasReturned = false;
            var isAnswered = false;
            Session.Execute(seen.Command, reply =>
            {
                isAnswered = true;
                batch.Replies[batch.Next++] = reply;
                _world.Answered?.Invoke(seen, reply);
                if (interruption == Interruption.AfterEffect)
                {
                    CloseByServer();
                }
                else if (hasReturned)
                {
                    Continue(batch);
                }
            });
            hasReturned = true;
            if (!isAnswered)
            {
                return;
            }
        }

        _inWork = null;
        Position = (Process.Replication.History, Process.Replication.Applied);
        if (IsOpenAtServer && Process.IsRunning)
        {
            _toClient.Send(() => Finish(batch));
        }

        if (batch.WhenDone is { } next)
        {
            Process.Receive(next);
        }
    }

    void Finish(Batch batch)
    {
        if (IsOpen && _batches.TryPeek(out var first) && first == batch)
        {
            _batches.Dequeue();
            batch.Done(batch.Replies);
        }
    }

    sealed class Batch(IReadOnlyList<RedisCommand> commands, Action<RespValue[]?> done)
    {
        public IReadOnlyList<RedisCommand> Commands => commands;

        public RespValue[] Replies { get; } = new RespValue[commands.Count];

        public int Next { get; set; }

        public Action<RespValue[]?> Done => done;

        public Action? WhenDone { get; set; }
    }
}
