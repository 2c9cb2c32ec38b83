using Slotwise.EndToEnd.Clusters;
using Slotwise.EndToEnd.Ledger;

namespace Slotwise.EndToEnd.Scaling;

/// <summary>A move is never remembered in the process: whatever of it a killed operator leaves, the next one finishes or closes (law 8).</summary>
[Collection(OneAtATime.Name)]
public sealed class ScalingCrashTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    const int Keys = 20_000;
    const int Kills = 3;
    const int LongestLifeMilliseconds = 4000;

    [Theory]
    [InlineData(1, "redis:7.0")]
    [InlineData(2, "docker.io/valkey/valkey:9")]
    public async Task An_operator_killed_again_and_again_while_it_scales_ends_in_the_new_shape(int seed, string image)
    {
        var random = new Random(seed);
        var cluster = new TestCluster(Kubernetes, $"killed-{seed}", LocalKubernetesFixture.Interrupted) { Image = image };
        await cluster.ApplyAsync(3, 0);
        var first = Kubernetes.StartOperator(LocalKubernetesFixture.Interrupted);
        await cluster.WaitUntilReadyAsync();
        first.Kill();
        await using var dataset = new Dataset(cluster, Keys);
        await dataset.WriteAsync();
        await using (var load = await FullLoad.StartAsync(cluster, keys: 2000, rate: 500))
        {
            foreach (var shards in new[] { 5, 3 })
            {
                await cluster.ChangeAsync($"\"shards\": {shards}");
                for (var kill = 0; kill < Kills; kill++)
                {
                    var life = random.Next(LongestLifeMilliseconds);
                    TestContext.Current.TestOutputHelper?.WriteLine($"to {shards} shards: an operator lives {life} ms");
                    var operatorThatDies = Kubernetes.StartOperator(LocalKubernetesFixture.Interrupted);
                    await Task.Delay(life);
                    operatorThatDies.Kill();
                }

                var last = Kubernetes.StartOperator(LocalKubernetesFixture.Interrupted);
                await cluster.WaitUntilShapedAsync(shards, 0, OneAtATime.ScalesWithin);
                await cluster.AssertWholeAsync(shards, 0);
                last.Kill();
            }

            (await load.StopAsync()).AssertNothingWasNoticed();
        }

        await dataset.AssertThereAsync();
        await cluster.DeleteAsync();
        await cluster.WaitUntilGoneAsync();
    }
}
