using Slotwise.Simulation.Operators;

namespace Slotwise.Simulation.Kubernetes.Tests;

public sealed class OperatorTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_operator_makes_the_objects_of_a_cluster_and_all_its_pods_come_up(bool hasStorage)
    {
        var world = new KubernetesCase();
        var slotwise = new SimulatedOperator(world.Operators, "operator-0");
        world.Run(async () =>
        {
            slotwise.Start();
            await world.Kubernetes.User.CreateAsync(KubernetesCase.Cluster(hasStorage: hasStorage), CancellationToken.None);
            await world.UntilAsync(() => world.Pods.Count == 6 && world.Pods.All(KubernetesCase.IsReady), within: 15);
        });

        Assert.Equal(6, world.Pods.Select(pod => pod.Status!.PodIP).Distinct().Count());
        Assert.Equal(3, world.Pods.Select(pod => pod.Spec!.NodeName).Distinct().Count());
    }

    [Fact]
    public void A_seed_decides_a_run_whole()
    {
        Assert.Equal(Digest(7), Digest(7));
        Assert.NotEqual(Digest(7), Digest(8));
    }

    static string Digest(ulong seed)
    {
        var world = new KubernetesCase(seed);
        var slotwise = new SimulatedOperator(world.Operators, "operator-0");
        world.Run(async () =>
        {
            slotwise.Start();
            await world.Kubernetes.User.CreateAsync(KubernetesCase.Cluster(), CancellationToken.None);
            await world.PassAsync(5);
            slotwise.Crash();
            await world.PassAsync(25);
        });
        return world.Simulator.Trace.Digest;
    }
}
