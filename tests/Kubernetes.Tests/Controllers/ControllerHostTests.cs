using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Kubernetes.Cache;
using Slotwise.Kubernetes.Controllers;
using Slotwise.Kubernetes.LeaderElection;
using Slotwise.Kubernetes.Models;
using Slotwise.Kubernetes.Tests.Fakes;
using Slotwise.Testing;

namespace Slotwise.Kubernetes.Tests.Controllers;

public sealed class ControllerHostTests
{
    [Fact]
    public void Caches_are_warm_on_standby_and_work_begins_with_leadership() => VirtualLoop.Run(async time =>
    {
        var leases = new MemoryApi(time);
        await leases.CreateAsync(
            new V1Lease
            {
                Metadata = new V1ObjectMeta { Name = "operator", NamespaceProperty = "shop" },
                Spec = new V1LeaseSpec { HolderIdentity = "crashed", LeaseDurationSeconds = 15 },
            },
            CancellationToken.None);
        var started = TimeSpan.Zero;
        var (host, _) = Build(time, leases, async token =>
        {
            started = time.Elapsed;
            await Task.Delay(Timeout.InfiniteTimeSpan, time, token);
        });
        using var stop = new CancellationTokenSource();
        var run = host.RunAsync(stop.Token);

        await Task.Delay(TimeSpan.FromSeconds(10), time);
        Assert.True(host.HasSynced);
        Assert.Equal(TimeSpan.Zero, started);
        await Task.Delay(TimeSpan.FromSeconds(15), time);
        Assert.InRange(started.TotalSeconds, 15, 20);

        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal("", leases.Lease!.Spec!.HolderIdentity);
    });

    [Fact]
    public void Losing_the_lease_ends_the_host_and_its_caches() => VirtualLoop.Run(async time =>
    {
        var leases = new MemoryApi(time);
        var (host, informer) = Build(time, leases, token => Task.Delay(Timeout.InfiniteTimeSpan, time, token));
        var run = host.RunAsync(CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(5), time);
        leases.Latency = TimeSpan.FromHours(1);

        await Assert.ThrowsAsync<LeadershipLostException>(() => run);

        Assert.True(informer.HasSynced);
        Assert.InRange(time.Elapsed.TotalSeconds, 12, 15);
    });

    static (ControllerHost Host, Informer<V1ConfigMap> Informer) Build(FakeTimeProvider time, MemoryApi leases, Func<CancellationToken, Task> work)
    {
        var api = new ScriptedApi();
        api.OnList("1", null);
        var informer = new Informer<V1ConfigMap>(api, new InformerOptions<V1ConfigMap>(), time, new Random(1), NullLogger.Instance);
        var options = new LeaderElectionOptions { Namespace = "shop", Name = "operator", Identity = "me" };
        var elector = new LeaderElector(leases, options, time, new Random(1), NullLogger.Instance);
        return (new ControllerHost([informer], work, elector), informer);
    }
}
