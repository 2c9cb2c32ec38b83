using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Scaling;

namespace Slotwise.EndToEnd.Availability;

/// <summary>A deleted cluster goes with all that it made, and what retention keeps stays, although no operator runs.</summary>
[Collection(OneAtATime.Name)]
public sealed class DeletionTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    [Theory]
    [InlineData("background", "Delete", 0)]
    [InlineData("foreground", "Delete", 0)]
    [InlineData("background", "Retain", 4)]
    [InlineData("foreground", "Retain", 4)]
    public async Task It_goes_without_an_operator(string cascade, string retention, int claims)
    {
        var ns = $"deleted-{cascade}-{retention}".ToLowerInvariant();
        var cluster = await CreateWithoutOperatorAsync(ns, retention);

        await Kubernetes.KubectlAsync("delete", "rediscluster", cluster.Name, "-n", ns, $"--cascade={cascade}");
        await cluster.WaitUntilGoneAsync();
        await EventuallyAsync($"{claims} claims are left", async () => await cluster.ClaimsAsync() is var left && left.Count == claims ? null : string.Join(' ', left));

        await Kubernetes.KubectlAsync("delete", "namespace", ns);
    }

    [Fact]
    public async Task Whoever_leaves_the_dependents_behind_has_the_servers_run_on()
    {
        var cluster = await CreateWithoutOperatorAsync("deleted-orphan", "Delete");

        await Kubernetes.KubectlAsync("delete", "rediscluster", cluster.Name, "-n", cluster.Namespace, "--cascade=orphan");
        await EventuallyAsync("nothing belongs to it any more", async () =>
        {
            var owners = await Kubernetes.KubectlAsync("get", "statefulsets,persistentvolumeclaims,services", "-n", cluster.Namespace, "-l", cluster.Selector, "-o", "jsonpath={.items[*].metadata.ownerReferences[*].kind}");
            return owners.Contains("RedisCluster", StringComparison.Ordinal) ? owners : null;
        });

        await cluster.AssertWholeAsync(2, 1);
        Assert.Equal(4, (await cluster.ClaimsAsync()).Count);
        await Kubernetes.KubectlAsync("delete", "namespace", cluster.Namespace);
    }

    [Fact]
    public async Task It_goes_with_its_namespace()
    {
        var cluster = await CreateWithoutOperatorAsync("deleted-namespace", "Retain");

        await Kubernetes.KubectlAsync("delete", "namespace", cluster.Namespace, "--timeout=60s");

        Assert.NotEqual(0, (await Kubernetes.TryKubectlAsync("", "get", "namespace", cluster.Namespace)).ExitCode);
    }

    /// <summary>A cluster that is Ready, and whose operator was killed then.</summary>
    async Task<TestCluster> CreateWithoutOperatorAsync(string ns, string retention)
    {
        await Kubernetes.KubectlAsync("create", "namespace", ns);
        var cluster = new TestCluster(Kubernetes, "doomed", ns);
        var operatorThatDies = Kubernetes.StartOperator(ns);
        await cluster.ApplyAsync(2, 1, $"storage: {{size: 1Gi, whenDeleted: {retention}}}");
        await cluster.WaitUntilReadyAsync();
        if (retention == "Delete")
        {
            await EventuallyAsync("its claims belong to it", async () =>
            {
                var owners = await Kubernetes.KubectlAsync("get", "persistentvolumeclaims", "-n", ns, "-o", "jsonpath={.items[*].metadata.ownerReferences[*].kind}");
                return owners.Split(' ').Count(owner => owner == "RedisCluster") == 4 ? null : owners;
            });
        }

        operatorThatDies.Kill();
        return cluster;
    }
}
