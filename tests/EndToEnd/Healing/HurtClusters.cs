using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Machine;

namespace Slotwise.EndToEnd.Healing;

/// <summary>The clusters that tests hurt, one after the other, and their operator.</summary>
public sealed class HurtClusters(LocalKubernetesFixture kubernetes) : IAsyncLifetime
{
    /// <summary>redis 7.0 with volumes.</summary>
    internal HurtCluster Lasting { get; } = new(new TestCluster(kubernetes, "lasting", LocalKubernetesFixture.Hurt));

    /// <summary>redis 7.0 without.</summary>
    internal HurtCluster Fleeting { get; } = new(new TestCluster(kubernetes, "fleeting", LocalKubernetesFixture.Hurt));

    /// <summary>valkey 9 without.</summary>
    internal HurtCluster Valkey { get; } = new(new TestCluster(kubernetes, "valkey", LocalKubernetesFixture.Hurt) { Image = "valkey/valkey:9" });

    internal RunningProgram Operator { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        StartOperator();
        await Task.WhenAll(Lasting.CreateAsync("storage: {size: 1Gi}"), Fleeting.CreateAsync(), Valkey.CreateAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(new[] { Lasting, Fleeting, Valkey }.Select(cluster => cluster.Cluster.DeleteAsync()));
        await Task.WhenAll(new[] { Lasting, Fleeting, Valkey }.Select(cluster => cluster.Cluster.WaitUntilGoneAsync()));
        await kubernetes.KubectlAsync("delete", "persistentvolumeclaims", "--all", "-n", LocalKubernetesFixture.Hurt);
        await Operator.TerminateAsync();
    }

    internal void StartOperator() => Operator = kubernetes.StartOperator(LocalKubernetesFixture.Hurt);
}

/// <summary>Tests that share these clusters.</summary>
[CollectionDefinition(Name)]
public sealed class HealingCollection : ICollectionFixture<HurtClusters>
{
    public const string Name = "healing";
}
