using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Ledger;

namespace Slotwise.EndToEnd.Scaling;

/// <summary>Whoever changes his mind while slots move gets what he asked for last (law 8).</summary>
[Collection(OneAtATime.Name)]
public sealed class RevertTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    const int Keys = 30_000;

    [Fact]
    public async Task Three_to_six_to_four_to_three_while_slots_move_ends_with_three_and_every_key()
    {
        var cluster = new TestCluster(Kubernetes, "revert");
        await cluster.ApplyAsync(3, 1);
        await cluster.WaitUntilReadyAsync();
        await using var dataset = new Dataset(cluster, Keys);
        await dataset.WriteAsync();
        await using (var load = await FullLoad.StartAsync(cluster))
        {
            await cluster.ChangeAsync("\"shards\": 6");
            await WaitUntilSlotsMoveAsync(cluster);
            await cluster.ChangeAsync("\"shards\": 4");
            await Task.Delay(TimeSpan.FromSeconds(2));
            await cluster.ChangeAsync("\"shards\": 3");
            await cluster.WaitUntilShapedAsync(3, 1, OneAtATime.ScalesWithin);
            await cluster.AssertWholeAsync(3, 1);
            (await load.StopAsync()).AssertNothingWasNoticed();
        }

        await dataset.AssertThereAsync();
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    [Fact]
    public async Task A_resource_that_is_deleted_while_slots_move_leaves_nothing()
    {
        var cluster = new TestCluster(Kubernetes, "given-up");
        await cluster.ApplyAsync(2, 0);
        await cluster.WaitUntilReadyAsync();
        await using (var dataset = new Dataset(cluster, Keys))
        {
            await dataset.WriteAsync();
        }

        await cluster.ChangeAsync("\"shards\": 4");
        await WaitUntilSlotsMoveAsync(cluster);
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }

    static Task WaitUntilSlotsMoveAsync(TestCluster cluster) => EventuallyAsync("slots move", async () =>
    {
        var operation = (await cluster.GetAsync())["status"]?["operation"];
        return operation?["slotsRemaining"]?.GetValue<int>() > 0 ? null : operation?.ToJsonString() ?? "no operation";
    });
}
