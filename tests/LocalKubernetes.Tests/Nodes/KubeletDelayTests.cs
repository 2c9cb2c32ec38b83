using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Images;
using Slotwise.LocalKubernetes.Nodes;
using Slotwise.ObjectStore;

namespace Slotwise.LocalKubernetes.Tests.Nodes;

/// <summary>A node that notices things as late as a kubelet does.</summary>
public sealed class KubeletDelayTests
{
    [Fact]
    public async Task A_ConfigMap_is_shown_at_the_pods_next_turn_which_a_change_of_the_pod_brings_at_once()
    {
        await using var scratch = new ScratchInstance();
        var api = new StoreKubernetesApi(new Store(new StoreOptions { Time = TimeProvider.System, Random = new Random(1) }), "tests");
        await using var rack = await Rack.StartAsync(
            scratch.Instance, new ImageStore(await HostImages.ObserveAsync(scratch.Instance.EtcDirectory, CancellationToken.None)), 1, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        await rack.AddAsync(api, new NodeOptions { RelistInterval = TimeSpan.FromSeconds(1), VolumeSyncInterval = TimeSpan.FromDays(1), ProbesTick = true }, CancellationToken.None);
        await api.CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "c", NamespaceProperty = "default" }, Data = new Dictionary<string, string> { ["k"] = "old" } }, CancellationToken.None);
        var made = await api.CreateAsync(
            NodeFixture.Shell("a", "exec sleep 1000", null, spec => spec with { TerminationGracePeriodSeconds = 0, Volumes = [new V1Volume { Name = "v", ConfigMap = new V1ConfigMapVolumeSource { Name = "c" } }] }),
            CancellationToken.None);
        var file = Path.Combine(scratch.Instance.PodsDirectory, made.Metadata.Uid!, "volumes", "v", "k");
        await WaitAsync(async () => NodeFixture.IsReady(await api.GetAsync<V1Pod>("default", "a", CancellationToken.None)));

        await api.MergePatchAsync<V1ConfigMap>("default", "c", new JsonObject { ["data"] = new JsonObject { ["k"] = "new" } }, null, CancellationToken.None);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Equal("old", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));

        var turn = 0;
        await WaitAsync(async () =>
        {
            // the node may hear of the pod before it hears of the ConfigMap
            var label = new JsonObject { ["turn"] = $"{turn++}" };
            await api.MergePatchAsync<V1Pod>("default", "a", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = label } }, null, CancellationToken.None);
            return await File.ReadAllTextAsync(file) == "new";
        });
    }

    static async Task WaitAsync(Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < NodeFixture.Patience);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
