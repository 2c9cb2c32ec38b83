using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd;

public sealed class RecreationTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    const int Keys = 500;

    [Fact]
    public async Task An_ephemeral_cluster_made_again_at_once_under_its_name_is_Ready_and_empty()
    {
        var cluster = new TestCluster(Kubernetes, "fleeting");
        await cluster.ApplyAsync(3, 1);
        await cluster.WaitUntilReadyAsync();
        await cluster.WriteKeysAsync(Keys);
        Assert.Equal(Keys, await cluster.CountKeysAsync());

        await cluster.DeleteAsync();
        await cluster.ApplyAsync(3, 1);
        await cluster.WaitUntilReadyAsync();

        await cluster.AssertWholeAsync(3, 1);
        Assert.Equal(0, await cluster.CountKeysAsync());

        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    [Fact]
    public async Task A_cluster_with_volumes_leaves_its_claims_and_finds_its_keys_again()
    {
        var cluster = new TestCluster(Kubernetes, "lasting");
        await cluster.ApplyAsync(3, 1, "storage: {size: 1Gi}");
        await cluster.WaitUntilReadyAsync();
        await cluster.AssertWholeAsync(3, 1);
        await cluster.WriteKeysAsync(Keys);
        var claims = await cluster.ClaimsAsync();
        Assert.Equal(6, claims.Count);

        await cluster.DeleteAsync();
        await cluster.ApplyAsync(3, 1, "storage: {size: 1Gi}");
        await cluster.WaitUntilReadyAsync();

        await cluster.AssertWholeAsync(3, 1);
        Assert.Equal(Keys, await cluster.CountKeysAsync());

        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
        Assert.Equal(claims, await cluster.ClaimsAsync());
        await Kubernetes.KubectlAsync(["delete", .. claims]);
    }
}
