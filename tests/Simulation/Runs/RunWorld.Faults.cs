using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slotwise.Entities;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.Reconcilers.Resources;
using Slotwise.Simulation.Faults;
using Slotwise.Simulation.Kubernetes.Api;
using Slotwise.Simulation.Kubernetes.Pods;
using Slotwise.Simulation.Operators;
using Slotwise.Simulation.World;

namespace Slotwise.Simulation.Runs;

/// <summary>What incidents do to the world.</summary>
public sealed partial class RunWorld : IWorld
{
    static readonly TimeSpan UsualDelay = TimeSpan.FromMilliseconds(2);

    readonly List<RequestFailure> _requestFailures = [];

    /// <summary>Until when shards have no memory.</summary>
    readonly SortedDictionary<int, TimeSpan> _exhausted = [];
    TimeSpan _clockError;
    TimeSpan _apiTroubleUntil;
    int _operatorsStarted = 1;
    string _original = "";

    /// <summary>Whether nothing has come between operators and the API server for a while.</summary>
    public bool ApiHasBeenCalm => Simulator.Now - _apiTroubleUntil > LongEnough;

    public void CrashOperator(TimeSpan down)
    {
        TroubleApi(down);
        _operator.Crash();
        _operator.Stop();
        Simulator.After(down, _operator.Start);
    }

    public void RunSecondOperator(TimeSpan lasts)
    {
        var second = new SimulatedOperator(_operators, string.Create(CultureInfo.InvariantCulture, $"operator-{_operatorsStarted++}"));
        second.Start();
        Simulator.After(lasts, () =>
        {
            second.Crash();
            second.Stop();
        });
    }

    public void FailRequests(int status, bool isAfterEffect, double share, TimeSpan lasts)
    {
        TroubleApi(lasts);
        var failure = new RequestFailure(status, isAfterEffect, share);
        _requestFailures.Add(failure);
        Simulator.After(lasts, () => _requestFailures.Remove(failure));
    }

    public void DelayWatches(TimeSpan lag, TimeSpan lasts)
    {
        TroubleApi(lasts + lag);
        foreach (var kind in (string[])["redisclusters", "pods", "statefulsets", "persistentvolumeclaims", "secrets", "configmaps", "services", "poddisruptionbudgets"])
        {
            Kubernetes.Api.SetLag(kind, lag);
        }

        Simulator.After(lasts, Kubernetes.Api.EndLags);
    }

    public void BreakWatches()
    {
        TroubleApi(TimeSpan.FromSeconds(5));
        Kubernetes.Api.Forget();
        Kubernetes.Api.BreakWatches();
    }

    public void RepeatWatchEvents(TimeSpan lasts)
    {
        Kubernetes.Api.Repeats = 0.5;
        Simulator.After(lasts, () => Kubernetes.Api.Repeats = 0);
    }

    public void HideFromOperator(Target target, TimeSpan lasts)
    {
        if (PodOf(target)?.Address is { } address)
        {
            Cut([address], [OperatorName], lasts);
        }
    }

    public void JumpClock(TimeSpan by)
    {
        _clockError += by;
        if (_operator.Process is { } process)
        {
            process.Time.WallClockError = _clockError;
        }
    }

    public void KillProcess(Target target)
    {
        if (PodOf(target) is { } pod && pod.Containers is [{ Running: { } container }, ..])
        {
            Hurt([pod.Name], TimeSpan.Zero, losesMemory: true, losesVolume: false);
            container.Kill();
        }
    }

    public void DeletePod(Target target, bool isForced)
    {
        if (PodOf(target) is { } pod)
        {
            Delete(pod, isForced);
        }
    }

    public void EvictPod(Target target)
    {
        if (PodOf(target) is not { } pod)
        {
            return;
        }

        var budget = Kubernetes.Caches.Budgets.Get(new NamespacedName(Key.Namespace, SetOf(pod.Pod)));
        if (budget is null or { Status.DisruptionsAllowed: > 0 })
        {
            Delete(pod, isForced: false);
        }
    }

    public void PauseProcess(Target target, TimeSpan lasts)
    {
        if (PodOf(target) is { } pod && pod.Containers is [{ Running: { } container }, ..])
        {
            Hurt([pod.Name], lasts, losesMemory: false, losesVolume: false);
            container.IsPaused = true;
            Simulator.After(lasts, () => container.IsPaused = false);
        }
    }

    public void CutPod(Target target, TimeSpan lasts)
    {
        if (PodOf(target) is { Address: { } address } pod)
        {
            Hurt([pod.Name], lasts, losesMemory: false, losesVolume: false);
            Cut([address], [.. AllPods.Select(other => other.Address).OfType<string>().Where(other => other != address), .. Outsiders], lasts);
        }
    }

    public void CutPods(Target one, Target other, TimeSpan lasts)
    {
        if (PodOf(one) is { Address: { } from } first && PodOf(other) is { Address: { } to } second && from != to)
        {
            Hurt([first.Name, second.Name], lasts, losesMemory: false, losesVolume: false);
            Cut([from], [to], lasts);
        }
    }

    public void CutOneWay(Target from, Target to, TimeSpan lasts)
    {
        if (PodOf(from) is { Address: { } one } first && PodOf(to) is { Address: { } other } second && one != other)
        {
            Hurt([first.Name, second.Name], lasts, losesMemory: false, losesVolume: false);
            Network.CutOneWay(one, other);
            Simulator.After(lasts, () => Network.Mend(one, other));
        }
    }

    public void SpoilNetwork(double loss, TimeSpan delay, TimeSpan lasts)
    {
        Hurt([.. AllPods.Select(pod => pod.Name)], lasts, losesMemory: false, losesVolume: false);
        Network.Loss = loss;
        Network.MaxDelay = UsualDelay + delay;
        Simulator.After(lasts, CalmNetwork);
    }

    public void TurnHostOff(int host, TimeSpan lasts)
    {
        var machine = Kubernetes.Hosts[host];
        Hurt([.. machine.Pods.Values.Select(pod => pod.Name)], lasts, losesMemory: true, losesVolume: false, losesPower: true);
        machine.TurnOff();
        Simulator.After(lasts, () => machine.TurnOn());
    }

    public void CutHost(int host, TimeSpan lasts)
    {
        var machine = Kubernetes.Hosts[host];
        Hurt([.. machine.Pods.Values.Select(pod => pod.Name)], lasts, losesMemory: false, losesVolume: false);
        Cut([machine.Name], [.. Kubernetes.Hosts.Select(other => other.Name).Where(other => other != machine.Name), Network.ApiServer, .. Outsiders], lasts);
    }

    public void LoseVolume(Target target)
    {
        if (PodOf(target) is not { } pod)
        {
            return;
        }

        Hurt([pod.Name], TimeSpan.Zero, losesMemory: true, losesVolume: true);
        var claim = $"{ClusterNames.DataVolume}-{pod.Name}";
        if (Kubernetes.Caches.Claims.Get(new NamespacedName(Key.Namespace, claim)) is not null)
        {
            Kubernetes.User.DeleteAsync<V1PersistentVolumeClaim>(Key.Namespace, claim, new DeleteOptions(), CancellationToken.None).GetAwaiter().GetResult();
        }

        Delete(pod, isForced: false, losesVolume: true);
    }

    public void FillVolume(Target target, TimeSpan lasts)
    {
        if (PodOf(target) is { } pod && pod.Containers.Count > 0 && VolumeOf(pod) is { } volume)
        {
            Hurt([pod.Name], lasts, losesMemory: true, losesVolume: false);
            volume.IsFull = true;
            Simulator.After(lasts, () => volume.IsFull = false);
        }
    }

    public void ExhaustMemory(int shard, TimeSpan lasts)
    {
        var until = _exhausted[shard] = Simulator.Now + lasts;
        Simulator.After(lasts, () =>
        {
            if (_exhausted.GetValueOrDefault(shard) == until)
            {
                _exhausted.Remove(shard);
            }
        });
    }

    public void ExchangeAddresses(Target target)
    {
        var theirs = AllPods.FirstOrDefault(pod => pod.Name.StartsWith(Neighbour.Name + "-", StringComparison.Ordinal));
        if (PodOf(target) is { Address: { } ours } pod && theirs?.Address is { } other)
        {
            Kubernetes.Addresses.Want(pod.Name, other);
            Kubernetes.Addresses.Want(theirs.Name, ours);
            Delete(pod, isForced: true);
            Delete(theirs, isForced: true);
        }
    }

    public void PatchResource(string patch) => AsUser(patch, () =>
        Kubernetes.User.MergePatchAsync<RedisCluster>(Key.Namespace, Key.Name, JsonNode.Parse(patch)!.AsObject(), subresource: null, CancellationToken.None));

    public void DeleteResource() => AsUser("deletes it", () =>
    {
        // Its pods end with it, and what they held in memory.
        Ledger.IsVoid = true;
        return Kubernetes.User.DeleteAsync<RedisCluster>(Key.Namespace, Key.Name, new DeleteOptions { PropagationPolicy = "Background" }, CancellationToken.None);
    });

    public void ApplyResource()
    {
        if (Kubernetes.Caches.Clusters.Get(Key) is not { Metadata.DeletionTimestamp: null } present)
        {
            AsUser("makes it again", () => Kubernetes.User.CreateAsync(NewCluster(Key, Scenario.Shape.Shards, Scenario.Shape.Replicas), CancellationToken.None));
            return;
        }

        // Fields that were added meanwhile go again.
        var spec = JsonNode.Parse(_original)!.AsObject();
        foreach (var field in JsonSerializer.SerializeToNode(present, RedisCluster.JsonTypeInfo)!["spec"]!.AsObject())
        {
            if (!spec.ContainsKey(field.Key))
            {
                spec[field.Key] = null;
            }
        }

        PatchResource(new JsonObject { ["spec"] = spec }.ToJsonString());
    }

    /// <summary>Whoever comes from outside of the pods.</summary>
    static IEnumerable<string> Outsiders => Enumerable.Range(0, ClientCount).Select(LoadClient.AddressOf).Append(OperatorName);

    IEnumerable<PodRun> AllPods => Kubernetes.Hosts.SelectMany(host => host.Pods.Values);

    PodRun? PodOf(Target target)
    {
        var members = Servers.Where(server => ShardOf(server) == target.Shard).ToList();
        var name = target.Place switch
        {
            'm' => members.FirstOrDefault(server => server.View is { IsMaster: true, Slots.IsEmpty: false })?.Name,
            'r' => members.FirstOrDefault(server => !server.View.IsMaster)?.Name,
            var ordinal => ClusterNames.Pod(Key.Name, target.Shard, ordinal - '0'),
        };
        return AllPods.FirstOrDefault(pod => pod.Name == name);
    }

    Volume? VolumeOf(PodRun pod) =>
        Kubernetes.Caches.Claims.Get(new NamespacedName(Key.Namespace, $"{ClusterNames.DataVolume}-{pod.Name}")) is { } claim ? Kubernetes.Disks.Find(claim) : null;

    void Delete(PodRun pod, bool isForced, bool losesVolume = false)
    {
        Dismiss(pod, losesVolume || !Scenario.Shape.HasVolumes);
        Hurt([pod.Name], TimeSpan.Zero, losesMemory: true, losesVolume: !Scenario.Shape.HasVolumes);
        AsUser($"deletes pod {pod.Name}", () => Kubernetes.User.DeleteAsync<V1Pod>(
            Key.Namespace, pod.Name, new DeleteOptions { GracePeriodSeconds = isForced ? 0 : null, PreconditionUid = pod.Uid }, CancellationToken.None));
    }

    void AsUser(string what, Func<Task> act)
    {
        try
        {
            act().GetAwaiter().GetResult();
            Simulator.Trace.Add("user", what);
        }
        catch (KubernetesApiException refusal)
        {
            Simulator.Trace.Add("user", $"{what}: refused: {refusal.Message}");
        }
    }

    void Cut(IReadOnlyList<string> ones, IReadOnlyList<string> others, TimeSpan lasts)
    {
        foreach (var one in ones)
        {
            foreach (var other in others)
            {
                Network.Cut(one, other);
                Simulator.After(lasts, () => Network.Mend(one, other));
            }
        }
    }

    void TroubleApi(TimeSpan lasts) => _apiTroubleUntil = Simulator.Now + lasts > _apiTroubleUntil ? Simulator.Now + lasts : _apiTroubleUntil;

    void CalmNetwork()
    {
        Network.Loss = 0;
        Network.MaxDelay = UsualDelay;
    }

    ApiFault? ChooseFault(ApiRequest request)
    {
        foreach (var failure in _requestFailures)
        {
            if (_random.NextDouble() < failure.Share && (failure.Status != 409 || request.IsWrite))
            {
                // Without a code it is carried out, and only the answer is lost.
                return new ApiFault
                {
                    Code = failure.Status == 0 ? (failure.IsAfterEffect ? null : HttpStatusCode.GatewayTimeout) : (HttpStatusCode)failure.Status,
                    AfterEffect = failure.IsAfterEffect,
                    NoAnswer = failure.Status == 0,
                    RetryAfter = failure.Status == 429 ? TimeSpan.FromSeconds(1) : null,
                };
            }
        }

        return null;
    }

    sealed record RequestFailure(int Status, bool IsAfterEffect, double Share);
}
