using System.Globalization;
using Slotwise.Reconcilers.Resources;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Containers;

/// <summary>A container with a server: what start.sh decides, the process, and what probe.sh finds.</summary>
public sealed class RedisContainer : IContainer
{
    readonly RedisWorld _redis;
    readonly ContainerStart _start;

    internal RedisContainer(RedisWorld redis, ContainerStart start)
    {
        _redis = redis;
        _start = start;
        StartServer();
    }

    public ContainerEnd? End { get; private set; }

    public Action<ContainerEnd>? Ended { get; set; }

    /// <summary>The server; null before it was started.</summary>
    public ServerProcess? Server { get; private set; }

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

    public void RunPreStop(Action done) => done();

    public void Terminate() => Server?.Terminate();

    public void Kill() => Server?.Kill();

    public void LosePower() => Server?.LosePower();

    public bool Probe(string question) => Server is { IsRunning: true, IsPaused: false } server && (question != "readiness" || IsReady(server.View));

    static bool IsReady(ServerView view) => !view.IsLoading && (view.IsMaster || view.IsInSync);

    void StartServer()
    {
        var directives = StartFiles.ReadDirectives(_start);
        var pod = _start.Pod;
        var cluster = StartFiles.Variable(_start, "CLUSTER_UID");
        var hostname = StartFiles.Variable(_start, "STABLE_HOST").Replace("$(POD_NAME)", pod.Metadata.Name, StringComparison.Ordinal);
        Server = _redis.Start(new ServerSetup
        {
            Name = pod.Metadata.Name!,
            Address = _start.Address,
            Port = int.Parse(directives["port"], CultureInfo.InvariantCulture),
            BusPort = int.Parse(directives["cluster-port"], CultureInfo.InvariantCulture),
            Hostname = hostname,
            ConfigFile = $"{RedisConfig.RunDirectory}/{cluster}/{pod.Metadata.Uid}/redis.conf",
            Directives = directives,
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
            Ended?.Invoke(end);
        }
    }
}
