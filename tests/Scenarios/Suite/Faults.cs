using System.Text.Json.Nodes;
using Slotwise.EndToEnd.Clusters;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Scenarios.Suite;

/// <summary>What can be done to the pods of a cluster and to the hosts they run on. What outlives the pods is undone at the end of the run.</summary>
sealed class Faults(Lane lane, Suspects suspects) : IAsyncDisposable
{
    const string OutOfService = "node.kubernetes.io/out-of-service";
    const int Sigkill = 9;

    /// <summary>A master that hears of no majority for longer than the node time-out stops taking writes so soon.</summary>
    static readonly TimeSpan Noticed = TimeSpan.FromSeconds(2);

    static readonly TimeSpan HostIsBackWithin = TimeSpan.FromSeconds(60);

    readonly SortedSet<string> _hosts = new(StringComparer.Ordinal);

    /// <summary>Kills servers' processes at the same time; their containers are restarted in place.</summary>
    public Task KillAsync(params IReadOnlyCollection<Member> members) =>
        EndAsync(members, member => InflictAsync(member, new JsonObject { ["signal"] = Sigkill }));

    /// <summary>Deletes pods without any grace, at the same time.</summary>
    public Task DeleteByForceAsync(params IReadOnlyCollection<Member> members) =>
        EndAsync(members, member => DeleteAsync(member, graceSeconds: 0));

    /// <summary>Deletes pods at the same time, as <c>kubectl delete pod</c> does.</summary>
    public Task DeleteAsync(params IReadOnlyCollection<Member> members) => Task.WhenAll(members.Select(member => DeleteAsync(member, graceSeconds: null)));

    /// <summary>Stops a server's processes where they are for a while.</summary>
    public async Task StopForAsync(Member member, TimeSpan duration)
    {
        using (suspects.Add(Masters([member])))
        {
            await InflictAsync(member, new JsonObject { ["paused"] = true });
            await Task.Delay(duration);
            await InflictAsync(member, new JsonObject { ["paused"] = false });
        }
    }

    /// <summary>Cuts every pod of one side off from every pod of the other for a while. Clients reach both.</summary>
    /// <param name="side">Here a master may take writes, until it notices that it hears of no majority.</param>
    /// <param name="other">The rest.</param>
    /// <param name="isOfMachine">Whether neither clients nor the operator nor probes reach the first side.</param>
    /// <param name="duration">How long it lasts after no side takes writes any more that the other could override.</param>
    public async Task CutForAsync(IReadOnlyCollection<Member> side, IReadOnlyCollection<Member> other, bool isOfMachine, TimeSpan duration)
    {
        using (suspects.Add(Masters([.. side, .. other])))
        {
            foreach (var member in side)
            {
                JsonArray ends = [.. other.Select(one => JsonValue.Create(one.Pod)), .. isOfMachine ? new[] { JsonValue.Create("@host") } : []];
                await InflictAsync(member, new JsonObject { ["cut"] = ends });
            }

            await Task.Delay(ScenarioRun.NodeTimeout + Noticed);
        }

        await Task.Delay(duration);
        foreach (var member in side)
        {
            await InflictAsync(member, new JsonObject { ["mend"] = new JsonArray() });
        }
    }

    /// <summary>The power of a host goes: every process on it is killed, and nothing is reported.</summary>
    /// <param name="host">Which.</param>
    /// <param name="victims">The masters on it.</param>
    public async Task PowerOffAsync(string host, params IEnumerable<Member> victims)
    {
        _hosts.Add(host);
        using (suspects.Add(victims))
        {
            await InflictAsync(host, new JsonObject { ["power"] = false });
        }
    }

    /// <summary>The power of a host comes back, and its pods start again.</summary>
    public Task PowerOnAsync(string host) => InflictAsync(host, new JsonObject { ["power"] = true });

    /// <summary>Declares a host dead, as an administrator or a cloud's controller does who knows that it is.</summary>
    public async Task DeclareDeadAsync(string host) => await lane.Kubernetes.KubectlAsync("taint", "node", host, $"{OutOfService}=nodeshutdown:NoExecute", "--overwrite");

    /// <summary>Cuts a host off from the other hosts, from the API server and, if asked, from this machine with its clients. Its processes live on.</summary>
    public Task CutHostAsync(string host, bool isOfMachine)
    {
        _hosts.Add(host);
        JsonArray ends = ["@hosts", "@server", .. isOfMachine ? new[] { JsonValue.Create("@machine") } : []];
        return InflictAsync(host, new JsonObject { ["cut"] = ends });
    }

    /// <summary>Mends all links of a host.</summary>
    public Task MendHostAsync(string host) => InflictAsync(host, new JsonObject { ["mend"] = new JsonArray() });

    /// <summary>The next pod of this name gets this address, as soon as it is free.</summary>
    public Task NextAddressAsync(Member member, string address) => InflictAsync(member, new JsonObject { ["nextAddress"] = address });

    /// <summary>Brings hosts back and waits until they are ready for the next case.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await InflictAsync(host, new JsonObject { ["mend"] = new JsonArray(), ["power"] = true });
            await lane.Kubernetes.TryKubectlAsync("", "taint", "node", host, $"{OutOfService}-");
        }

        foreach (var host in _hosts)
        {
            await Eventually.SeenAsync($"{host} is ready again", HostIsBackWithin, async () =>
            {
                var node = await lane.Api.GetAsync<V1Node>(null, host, CancellationToken.None);
                return node.Spec?.Taints is null or { Count: 0 } && node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true ? null : "not ready, or tainted";
            });
        }
    }

    async Task EndAsync(IReadOnlyCollection<Member> members, Func<Member, Task> endAsync)
    {
        using (suspects.Add(Masters(members)))
        {
            await Task.WhenAll(members.Select(endAsync));
        }
    }

    static IEnumerable<Member> Masters(IEnumerable<Member> members) => members.Where(member => member.IsMaster);

    Task DeleteAsync(Member member, long? graceSeconds) => lane.Api.DeleteAsync<V1Pod>(
        RunningKubernetes.Default, member.Pod, new DeleteOptions { PreconditionUid = member.Uid, GracePeriodSeconds = graceSeconds }, CancellationToken.None);

    async Task InflictAsync(Member member, JsonObject fault) =>
        await lane.Api.MergePatchAsync<V1Pod>(RunningKubernetes.Default, member.Pod, fault, "localkube", CancellationToken.None);

    async Task InflictAsync(string host, JsonObject fault) => await lane.Api.MergePatchAsync<V1Node>(null, host, fault, "localkube", CancellationToken.None);
}
