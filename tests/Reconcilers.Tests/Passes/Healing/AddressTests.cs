using Slotwise.Reconcilers.Tests.World;

namespace Slotwise.Reconcilers.Tests.Passes.Healing;

/// <summary>Rung 4: pods come back with their nodes.conf and other addresses, and nobody finds anybody (valkey-operator #275).</summary>
public sealed class AddressTests
{
    [Fact]
    public async Task All_pods_at_once_get_new_addresses_and_every_key_is_there()
    {
        var world = await HealthyCluster.CreateAsync(hasVolumes: true);

        await DeleteAllAsync(world, 6);
        await world.RunKubeletAsync();
        await world.SettleAsync();

        world.Ledger.AssertWhole(3, 1);
        Assert.DoesNotContain(world.Redis.Writes, write => write.Contains("FORGET", StringComparison.Ordinal));
    }

    /// <summary>Those that are back meet; nobody forgets those that are not.</summary>
    [Fact]
    public async Task Pods_that_come_back_one_by_one_find_each_other()
    {
        var world = await HealthyCluster.CreateAsync(hasVolumes: true);
        var pods = world.Caches.Pods.List().Select(pod => pod.Metadata.Name!).ToList();
        foreach (var pod in pods)
        {
            world.Broken[pod] = ("ContainerCreating", "");
        }

        await DeleteAllAsync(world, 6);
        await world.RunKubeletAsync();
        foreach (var pod in pods)
        {
            world.Broken.Remove(pod);
            await world.DeletePodAsync(pod);
            await world.RunAsync();
        }

        await world.SettleAsync();
        world.Ledger.AssertWhole(3, 1);
        Assert.DoesNotContain(world.Redis.Writes, write => write.Contains("FORGET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_volumes_pods_that_are_replaced_one_by_one_keep_every_key()
    {
        var world = await HealthyCluster.CreateAsync(replicas: 2);
        foreach (var pod in (string[])["orders-0-1", "orders-1-2", "orders-2-1", "orders-0-2"])
        {
            await world.DeletePodAsync(pod);
            await world.SettleAsync();
        }

        world.Ledger.AssertWhole(3, 2);
    }

    static async Task DeleteAllAsync(ClusterWorld world, int expected)
    {
        var pods = world.Caches.Pods.List().Select(pod => pod.Metadata.Name!).ToList();
        Assert.Equal(expected, pods.Count);
        foreach (var pod in pods)
        {
            await world.DeletePodAsync(pod);
        }
    }
}
