using System.Globalization;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Observation;
using Slotwise.Reconcilers.Planning;
using Slotwise.Simulation.Clock;
using Slotwise.Simulation.Containers;
using Slotwise.Simulation.Kubernetes;
using Slotwise.Simulation.Laws;
using Slotwise.Simulation.Mutants;
using Slotwise.Simulation.Operators;
using Slotwise.Simulation.Redis.Server;
using Slotwise.Simulation.Runs.Ports;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Runs;

/// <summary>One world: a simulated Kubernetes, the servers in it, the operator, clients and a user, and the laws that watch them.</summary>
public sealed partial class RunWorld
{
    /// <summary>What every password begins with in a run, so that it is recognized wherever it turns up.</summary>
    public const string PasswordMark = "password-";

    const string OperatorName = "operator-0";
    const int HostCount = 3;

    /// <summary>How often the laws look at the world although the operator does nothing.</summary>
    static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    readonly Mutant? _mutant;
    readonly OperatorWorld _operators;
    readonly SimulatedOperator _operator;
    readonly Random _random;
    readonly List<LoadClient> _clients = [];
    readonly SortedDictionary<string, int> _points = new(StringComparer.Ordinal);
    readonly List<TimeSpan> _passes = [];
    readonly TaskCompletionSource _stopped = new();
    TimeSpan _workedAt;
    int _crashes;

    /// <param name="scenario">What is to happen.</param>
    /// <param name="mutant">A fault of the operator's that has to be found; null for the operator as it is.</param>
    /// <param name="keepsTrace">Whether the trace is to be read.</param>
    public RunWorld(Scenario scenario, Mutant? mutant, bool keepsTrace)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        Scenario = scenario;
        _mutant = mutant;
        Simulator = new Simulator(scenario.Seed);
        Simulator.Trace.IsKept = keepsTrace;
        _random = Simulator.NewRandom("faults");
        Network = new Network(Simulator);
        Redis = new RedisWorld(Simulator, Network) { Judge = Judge, Answered = Answered, LacksMemory = server => _exhausted.ContainsKey(ShardOf(server)) };
        Kubernetes = new SimulatedKubernetes(Simulator, Network, new RedisContainers(Redis) { StartsAlways = mutant?.StartsAlways == true }, new KubernetesDelays(), HostCount);
        Kubernetes.Api.Choose = ChooseFault;
        Kubernetes.Addresses.Released = Redis.RemoveAddress;
        Kubernetes.SetMissing(SpecWalk.MissingImage, true);
        Laws = LawBook.Open();
        foreach (var law in Laws)
        {
            law.World = this;
        }

        var plan = mutant?.Plan is { } change ? change(ClusterPlanner.Plan) : ClusterPlanner.Plan;
        _operators = new OperatorWorld
        {
            Simulator = Simulator,
            Kubernetes = Kubernetes,
            ConnectRedis = ConnectRedis,
            WrapApi = (process, api) => new WatchedApi(mutant?.Kubernetes is { } kubernetes ? kubernetes(api) : api, write => BeforeWrite(process, write), write => AfterWrite(process, write)),
            Plan = Watch(CurrentStep.Follow(plan)),
            ElectsLeaders = scenario.Seed % 8 == 0,
            WritesEvents = true,
        };
        _operator = new SimulatedOperator(_operators, OperatorName) { Starting = process => process.Time.WallClockError = _clockError };
    }

    public Scenario Scenario { get; }

    public Simulator Simulator { get; }

    public Network Network { get; }

    public RedisWorld Redis { get; }

    public SimulatedKubernetes Kubernetes { get; }

    public IReadOnlyList<Law> Laws { get; }

    /// <summary>The first law that was broken ends the run.</summary>
    public Violation? Violation { get; private set; }

    /// <summary>The writes that the operator made, by name, and how often; one at which it died is counted.</summary>
    public IReadOnlyDictionary<string, int> Points => _points;

    /// <summary>Whether the operator died wherever the scenario wanted it to.</summary>
    public bool HasCrashed => _crashes == Scenario.Crashes.Count;

    internal Ledger Ledger { get; } = new();

    /// <summary>A law is broken: nothing that follows would mean anything.</summary>
    public void Report(Violation violation)
    {
        if (Violation is null)
        {
            Violation = violation;
            Simulator.Trace.Add("law", violation?.ToString() ?? "");
            _stopped.TrySetResult();
        }
    }

    static string KeyName(int index) => string.Create(CultureInfo.InvariantCulture, $"key-{index}");

    WatchedNodes ConnectRedis(Process process, string address)
    {
        var nodes = Redis.NodesFor(address);
        process.Ended += nodes.Close;
        process.Ended += ForgetLastPass;
        return new WatchedNodes(_mutant?.Redis is { } change ? change(nodes) : nodes);
    }

    /// <summary>An operator has ended: what it saw last it may not have told.</summary>
    void ForgetLastPass()
    {
        if (_passes.Count > 0)
        {
            _passes.RemoveAt(_passes.Count - 1);
        }
    }

    void ForEachLaw(Action<Law> action)
    {
        foreach (var law in Laws)
        {
            if (Violation is null)
            {
                action(law);
            }
        }
    }

    Func<ClusterObservation, Plan> Watch(Func<ClusterObservation, Plan> plan) => observation =>
    {
        var planned = plan(observation);
        if (NamespacedName.Of(observation.Cluster) == Key)
        {
            ForEachLaw(law => law.Planned(observation, planned));
            _passes.Add(Simulator.Now);
        }

        return planned;
    };

    Interruption Judge(CommandSeen command)
    {
        if (!command.IsWrite || !IsOperator(command.From))
        {
            return Interruption.None;
        }

        if (Meets(WriteNames.Of(command.Command), isAfter: false))
        {
            _operator.Crash();
            return Interruption.BeforeEffect;
        }

        ForEachLaw(law => law.BeforeCommand(command));
        return Interruption.None;
    }

    void Answered(CommandSeen command, Slotwise.Redis.RespValue answer)
    {
        if (!command.IsWrite || !IsOperator(command.From))
        {
            return;
        }

        NoteWrite($"{command.Command.Name} to {command.Process.Name}", isReport: false);
        Simulator.Trace.Add(command.From, $"{command.Command} to {command.Process.Name}{(answer.IsError ? $": {answer.ErrorText}" : "")}");
        ForEachLaw(law => law.AfterCommand(command with { IsRefused = answer.IsError }));
        if (Meets(WriteNames.Of(command.Command), isAfter: true))
        {
            _operator.Crash();
        }
    }

    bool BeforeWrite(Process process, ObjectWrite write)
    {
        if (Meets(write.Name, isAfter: false))
        {
            _operator.Crash();
        }

        if (process.IsAlive)
        {
            ForEachLaw(law => law.BeforeWrite(write));
            NoteStops(write);
        }

        return process.IsAlive;
    }

    bool AfterWrite(Process process, ObjectWrite write)
    {
        if (write.Kind != "Lease")
        {
            NoteWrite($"{write.Verb} {write.Kind} {write.ObjectName}", write.IsReport);
        }

        ForEachLaw(law => law.AfterWrite(write));
        TellStops(write);
        if (Meets(write.Name, isAfter: true))
        {
            _operator.Crash();
        }

        return process.IsAlive;
    }

    /// <summary>What waits for the user goes on being told about, as its reasons change; but nothing more is done.</summary>
    void NoteWrite(string write, bool isReport)
    {
        _workedAt = isReport ? _workedAt : Simulator.Now;
        if (_isSilenceDue && !(isReport && Outcome.IsRefused))
        {
            Outcome.LateWrites.Add(string.Create(CultureInfo.InvariantCulture, $"{write} at {Simulator.Now.TotalSeconds:0.0}"));
        }
    }

    /// <summary>Whether this is the write at which the operator is to end. Counts it in any case.</summary>
    bool Meets(string write, bool isAfter)
    {
        var name = new CrashPoint(write, isAfter, 1).Name;
        var occurrence = _points[name] = _points.GetValueOrDefault(name) + 1;
        var met = new CrashPoint(write, isAfter, occurrence);
        if (HasCrashed || Scenario.Crashes[_crashes] != met)
        {
            return false;
        }

        _crashes++;
        Simulator.Trace.Add("fault", $"the operator ends {met}");
        return true;
    }
}
