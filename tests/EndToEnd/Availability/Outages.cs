using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Machine;

namespace Slotwise.EndToEnd.Availability;

/// <summary>The operator of the clusters whose servers end.</summary>
public sealed class Outages(LocalKubernetesFixture kubernetes) : IAsyncLifetime
{
    internal RunningProgram Operator { get; private set; } = null!;

    public ValueTask InitializeAsync()
    {
        StartOperator();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await kubernetes.KubectlAsync("delete", "redisclusters", "--all", "-n", LocalKubernetesFixture.Outages);
        await kubernetes.KubectlAsync("delete", "persistentvolumeclaims", "--all", "-n", LocalKubernetesFixture.Outages);
        await Operator.TerminateAsync();
    }

    internal void StartOperator() => Operator = kubernetes.StartOperator(LocalKubernetesFixture.Outages);
}

/// <summary>Tests that share this operator, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class OutagesCollection : ICollectionFixture<Outages>
{
    public const string Name = "outages";
}
