using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd.Availability;

/// <summary>Three hosts with the delays of kubelets, which notice late what happens to containers; a host that is lost is noticed sooner than on Kubernetes.</summary>
public sealed class ThreeHosts() : RunningKubernetes("--hosts", "3", "--host-grace", "10"), IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        StartOperator();
    }
}

/// <summary>Tests in which masters and hosts are lost, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class AvailabilityCollection : ICollectionFixture<ThreeHosts>
{
    public const string Name = "availability";
}
