using System.Globalization;
using Slotwise.Reconcilers.Resources;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers;

/// <summary>A container with a server: what start.sh decides, the process, and what probe.sh finds.</summary>
public sealed class RedisContainer : IContainer
{
    static readonly TimeSpan LockRetry = TimeSpan.FromSeconds(1);

    readonly RedisContainers _all;
    readonly RedisWorld _redis;
    readonly ContainerStart _start;
    readonly SortedDictionary<string, string> _directives;
    readonly Tenure _tenure;
    Process? _hook;

    internal RedisContainer(RedisContainers all, RedisWorld redis, ContainerStart start)
    {
        _all = all;
        _redis = redis;
        _start = start;
        _directives = StartFiles.ReadDirectives(start);
        _tenure = new Tenure(start.Volumes[StartFiles.RunVolume], start.Volumes[ClusterNames.DataVolume]);
        PassGate();
    }

    public ContainerEnd? End { get; private set; }

    public Action<ContainerEnd>? Ended { get; set; }

    /// <summary>What decides whether the server may start; null while another process has the volume.</summary>
    public StartGate? Gate { get; private set; }

    /// <summary>The server; null before it was started.</summary>
    public ServerProcess? Server { get; private set; }

    internal string Address => _start.Address;

    public bool IsPaused
    {
        get => Server?.IsPaused == true;
        set
        {
            if (Server is { } server)
            {
                server.IsPaused = value;
            }
        }
    }

    public void RunPreStop(Action done)
    {
        var password = _start.ReadFile("credentials", Credentials.OperatorPasswordKey) ?? "";
        _hook = new HandoverHook(_redis, _start, _tenure, StartFiles.NodeTimeoutOf(_directives), password).Run(done);
    }

    public void Terminate() => Stop(143, server => server.Terminate());

    public void Kill() => Stop(137, server => server.Kill());

    public void LosePower()
    {
        Stop(137, server => server.LosePower());
        Data.Unlock(this);
    }

    public bool Probe(string question)
    {
        if (Server is not { IsRunning: true, IsPaused: false } server)
        {
            return false;
        }

        if (question == "liveness")
        {
            Data.ReleaseReserve();
            Data.MakeReserve();
        }

        if (question != "readiness")
        {
            return true;
        }

        var view = server.View;
        if (view.IsLoading)
        {
            return false;
        }

        _tenure.Note(view.IsMaster, _redis.Simulator.Now);
        return view.IsMaster || view.IsInSync;
    }

    Volume Data => _start.Volumes[ClusterNames.DataVolume];

    /// <summary>What the gate reads on the volume is the truth only when nobody else writes to it any more.</summary>
    void PassGate()
    {
        if (End is not null)
        {
            return;
        }

        if (!Data.TryLock(this))
        {
            _redis.Simulator.After(LockRetry, PassGate);
            return;
        }

        Data.ReleaseReserve();
        Gate = new StartGate(_all, _redis, _start, StartFiles.HostnameOf(_start), _directives, StartServer);
        Gate.Pass();
    }

    void Stop(int codeAtGate, Action<ServerProcess> end)
    {
        if (Server is { } server)
        {
            end(server);
        }
        else
        {
            Gate?.Close();
            Finish(new ContainerEnd(codeAtGate, "Error", ""));
        }
    }

    void StartServer(string? decision)
    {
        var file = decision is null ? "redis.conf" : $"redis-{decision}.conf";
        Server = _redis.Start(new ServerSetup
        {
            Name = _start.Pod.Metadata.Name!,
            Address = _start.Address,
            Port = int.Parse(_directives["port"], CultureInfo.InvariantCulture),
            BusPort = int.Parse(_directives["cluster-port"], CultureInfo.InvariantCulture),
            Hostname = StartFiles.HostnameOf(_start),
            ConfigFile = $"{RedisConfig.RunDirectory}/{StartFiles.ClusterOf(_start)}/{_start.Pod.Metadata.Uid}/{file}",
            Directives = _directives,
            Volume = _start.Volumes[ClusterNames.DataVolume],
            Profile = StartFiles.ProfileOf(_start.Container.Image),
            ReadUsers = () => StartFiles.ReadUsers(_start),
        });
        Server.Ended = end => Finish(new ContainerEnd(end.ExitCode, end.Reason, end.Message));
        if (Server.End is { } already)
        {
            Finish(new ContainerEnd(already.ExitCode, already.Reason, already.Message));
        }
    }

    void Finish(ContainerEnd end)
    {
        if (End is null)
        {
            End = end;
            Data.Unlock(this);
            _hook?.Kill();
            Ended?.Invoke(end);
        }
    }
}
