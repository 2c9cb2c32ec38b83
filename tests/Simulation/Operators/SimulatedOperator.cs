using System.Globalization;
using Microsoft.Extensions.Logging;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.Events;
using Slotwise.Kubernetes.LeaderElection;
using Slotwise.Reconcilers;
using Slotwise.Reconcilers.Observation;
using Slotwise.Simulation.Kubernetes;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Operators;

/// <summary>A pod of the operator: its real parts, in a process that can be killed at any instant and is started again.</summary>
public sealed class SimulatedOperator(OperatorWorld world, string name)
{
    /// <summary>Until Kubernetes starts an operator again that has ended.</summary>
    static readonly Between Restart = Between.Milliseconds(800, 3000);

    readonly Random _random = world.Simulator.NewRandom($"operator {name}");
    Action? _stop;
    int _starts;
    bool _wanted;

    /// <summary>Where it is on the network.</summary>
    public string Address => name;

    /// <summary>Its present process; null while it does not run.</summary>
    public Process? Process { get; private set; }

    /// <summary>Called when a process of it starts, before anything runs in it.</summary>
    public Action<Process>? Starting { get; set; }

    /// <summary>Starts it from nothing, and again whenever it ends, until <see cref="Stop"/>.</summary>
    public void Start()
    {
        _wanted = true;
        if (Process is { IsAlive: true })
        {
            return;
        }

        var process = new Process(world.Simulator, string.Create(CultureInfo.InvariantCulture, $"{name}#{++_starts}"));
        Process = process;
        process.Ended += () =>
        {
            Process = null;
            if (_wanted)
            {
                world.Simulator.After(Restart.Draw(_random), () =>
                {
                    if (_wanted)
                    {
                        Start();
                    }
                });
            }
        };
        world.Simulator.Trace.Add(name, "started");
        Starting?.Invoke(process);
        process.Start(() => RunAsync(process));
    }

    /// <summary>SIGTERM: passes in flight end and the lease is given back.</summary>
    public void Stop()
    {
        _wanted = false;
        if (Process is { } process)
        {
            world.Simulator.Trace.Add(name, "stopping");
            process.Post(_ => _stop?.Invoke(), null);
        }
    }

    /// <summary>It ends in the middle of what it does; Kubernetes starts it again.</summary>
    public void Crash()
    {
        if (Process is { } process)
        {
            world.Simulator.Trace.Add(name, "crashed");
            process.Kill();
        }
    }

    async Task RunAsync(Process process)
    {
        var time = process.Time;
        IKubernetesApi api = world.Kubernetes.Api.Connect(process, Address);
        api = world.WrapApi?.Invoke(process, api) ?? api;
        var redis = world.ConnectRedis(process, Address);
        var random = new Random(_random.Next());
        var log = new TraceLog(world.Simulator, name);
        using var stop = new CancellationTokenSource();
        _stop = stop.Cancel;
        var informers = new ClusterInformers(api, [], time, random, log);
        var events = new EventRecorder(api, "slotwise", process.Name, time, log);
        var reconciler = new RedisClusterController(
            informers.Caches, new ClusterObserver(informers.Caches, redis, time), api, redis, new SeededPasswords(random), events, time, new TraceLog<RedisClusterController>(log), world.Plan);
        using var controller = new Controller<RedisCluster>(reconciler, RedisClusterController.Options, time, log);
        informers.Attach(controller);
        using var recording = new CancellationTokenSource();
        var recorder = world.WritesEvents ? events.RunAsync(recording.Token) : Task.CompletedTask;
        await new ControllerHost(informers.All, controller.RunAsync, BuildElector(api, process, random, log)).RunAsync(stop.Token);
        recording.Cancel();
        await recorder;
    }

    LeaderElector? BuildElector(IKubernetesApi api, Process process, Random random, ILogger log) => world.ElectsLeaders
        ? new LeaderElector(api, new LeaderElectionOptions { Namespace = "default", Name = "slotwise", Identity = process.Name }, process.Time, random, log)
        : null;
}
