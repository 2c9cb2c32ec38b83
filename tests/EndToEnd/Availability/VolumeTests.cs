using System.Text.Json.Nodes;
using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Ledger;
using Slotwise.EndToEnd.Scaling;

namespace Slotwise.EndToEnd.Availability;

/// <summary>Volumes of real servers: they grow while applications write, and say when they are nearly full.</summary>
[Collection(OneAtATime.Name)]
public sealed class VolumeTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    [Fact]
    public async Task Volumes_grow_under_load_and_nobody_notices()
    {
        var cluster = new TestCluster(Kubernetes, "growing");
        await cluster.ApplyAsync(3, 1, "storage: {size: 1Gi, whenDeleted: Delete}");
        await cluster.WaitUntilReadyAsync();
        var pods = await ProcessesAsync(cluster);
        await using var load = await FullLoad.StartAsync(cluster);

        await cluster.ChangeAsync("\"storage\": {\"size\": \"2Gi\"}");
        await EventuallyAsync("all volumes and all StatefulSets have the new size", async () =>
        {
            var claims = await ValuesAsync(cluster, "persistentvolumeclaims", ".status.capacity.storage");
            var sets = await ValuesAsync(cluster, "statefulsets", ".spec.volumeClaimTemplates[0].spec.resources.requests.storage");
            return claims.Count == 6 && claims.All(size => size == "2Gi") && sets.Count == 3 && sets.All(size => size == "2Gi") ? null : $"claims {string.Join(' ', claims)}, sets {string.Join(' ', sets)}";
        });
        await cluster.WaitUntilShapedAsync(3, 1, Patience);
        await EventuallyAsync("every pod belongs to its new StatefulSet", async () =>
        {
            var owners = await ValuesAsync(cluster, "pods", ".metadata.ownerReferences[0].kind");
            return owners.Count == 6 && owners.All(kind => kind == "StatefulSet") ? null : string.Join(' ', owners);
        });

        Assert.Equal(pods, await ProcessesAsync(cluster));
        (await load.StopAsync()).AssertNothingWasNoticed();
        await cluster.AssertWholeAsync(3, 1);
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
        await EventuallyAsync("its volumes are gone too", async () => await cluster.ClaimsAsync() is { Count: > 0 } left ? string.Join(' ', left) : null);
    }

    [Fact]
    public async Task A_volume_that_fills_up_is_a_condition_until_it_has_grown()
    {
        var cluster = new TestCluster(Kubernetes, "filling");
        await cluster.ApplyAsync(3, 0, "storage: {size: 64Mi, storageClassName: sized, whenDeleted: Delete}");
        await cluster.WaitUntilReadyAsync();
        Assert.Equal("HasRoom", (await cluster.ConditionsAsync())["VolumeNearlyFull"].Reason);
        var pods = await ProcessesAsync(cluster);

        await FillAsync("54M");
        await AwaitAsync("NearlyFull");
        await FillAsync("61M");
        await AwaitAsync("Full");
        Assert.Contains("filling-1-0", (await cluster.ConditionsAsync())["VolumeNearlyFull"].Message, StringComparison.Ordinal);

        await cluster.ChangeAsync("\"storage\": {\"size\": \"128Mi\"}");
        await AwaitAsync("HasRoom");
        Assert.Equal(pods, await ProcessesAsync(cluster));
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();

        Task FillAsync(string size) => Kubernetes.KubectlAsync("exec", "filling-1-0", "-n", cluster.Namespace, "--", "fallocate", "-l", size, "/data/ballast");

        // A probe measures every ten seconds, and a settled cluster is looked at after 60 to 66.
        Task AwaitAsync(string reason) => Eventually.SeenAsync($"VolumeNearlyFull says {reason}", TimeSpan.FromSeconds(100), async () =>
            (await cluster.ConditionsAsync())["VolumeNearlyFull"] is var condition && condition.Reason == reason ? null : condition.ToString());
    }

    [Fact]
    public async Task A_class_that_does_not_let_volumes_grow_is_a_condition_and_the_cluster_runs_on_as_it_is()
    {
        await Kubernetes.ApplyAsync("""
            apiVersion: storage.k8s.io/v1
            kind: StorageClass
            metadata: {name: rigid}
            provisioner: localkube.slotwise.dev/directory
            """);
        var cluster = new TestCluster(Kubernetes, "rigid");
        await cluster.ApplyAsync(1, 1, "storage: {size: 1Gi, storageClassName: rigid, whenDeleted: Delete}");
        await cluster.WaitUntilReadyAsync();
        var sets = await ValuesAsync(cluster, "statefulsets", ".metadata.uid");

        await cluster.ChangeAsync("\"storage\": {\"size\": \"2Gi\"}");
        await EventuallyAsync("Stalled says what the API server said", async () =>
            (await cluster.ConditionsAsync())["Stalled"] is { Status: "True", Reason: "VolumesNotGrown" } stalled && stalled.Message.Contains("the storageclass that provisions the pvc must support resize", StringComparison.Ordinal)
                ? null : string.Join('\n', (await cluster.ConditionsAsync()).Values));
        Assert.Equal("True", (await cluster.ConditionsAsync())["Ready"].Status);
        Assert.Equal(sets, await ValuesAsync(cluster, "statefulsets", ".metadata.uid"));

        // whoever lets them grow has it go on by itself
        await Kubernetes.KubectlAsync("patch", "storageclass", "rigid", "--type=merge", "-p", """{"allowVolumeExpansion": true}""");
        await Eventually.SeenAsync("they grow", TimeSpan.FromSeconds(150), async () =>
            (await cluster.ConditionsAsync())["Stalled"] is { Status: "False" } && (await ValuesAsync(cluster, "persistentvolumeclaims", ".status.capacity.storage")).All(size => size == "2Gi")
                ? null : string.Join('\n', (await cluster.ConditionsAsync()).Values));
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
        await Kubernetes.KubectlAsync("delete", "storageclass", "rigid");
    }

    [Fact]
    public async Task What_cannot_be_had_is_refused_or_said_in_the_words_of_Kubernetes()
    {
        var cluster = new TestCluster(Kubernetes, "wishful");
        await cluster.ApplyAsync(1, 0, "storage: {size: 1Gi, storageClassName: nowhere, whenDeleted: Delete}");
        await EventuallyAsync("it is said why its pod has no place", async () =>
            (await cluster.ConditionsAsync()).GetValueOrDefault("Reconciling") is { } condition && condition.Message.Contains("unbound immediate PersistentVolumeClaims", StringComparison.Ordinal)
                ? null : string.Join('\n', (await cluster.ConditionsAsync()).Values));

        var smaller = await Kubernetes.TryKubectlAsync("", "patch", "rediscluster", "wishful", "-n", cluster.Namespace, "--type=merge", "-p", """{"spec": {"storage": {"size": "512Mi"}}}""");
        Assert.NotEqual(0, smaller.ExitCode);
        Assert.Contains("storage.size may grow, but not shrink", smaller.Errors, StringComparison.Ordinal);
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    /// <summary>The pods and how often they were restarted: whoever restarts a process changes it.</summary>
    static async Task<IReadOnlyList<string>> ProcessesAsync(TestCluster cluster)
    {
        var pods = JsonNode.Parse(await cluster.Kubernetes.KubectlAsync("get", "pods", "-n", cluster.Namespace, "-l", cluster.Selector, "-o", "json"))!["items"]!.AsArray();
        return [.. pods.Select(pod => $"{pod!["metadata"]!["name"]} {pod["metadata"]!["uid"]} {pod["status"]!["containerStatuses"]![0]!["containerID"]}").Order(StringComparer.Ordinal)];
    }

    static async Task<IReadOnlyList<string>> ValuesAsync(TestCluster cluster, string kind, string path) =>
        (await cluster.Kubernetes.KubectlAsync("get", kind, "-n", cluster.Namespace, "-l", cluster.Selector, "-o", $"jsonpath={{range .items[*]}}{{{path}}}{{\"\\n\"}}{{end}}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
