using Slotwise.EndToEnd.Clusters;

namespace Slotwise.EndToEnd.Trouble;

/// <summary>Whatever of forming a killed operator leaves behind, the next one takes up (law 8).</summary>
public sealed class OperatorCrashTests(LocalKubernetesFixture kubernetes) : EndToEndTest(kubernetes)
{
    /// <summary>From apply to Ready takes about this long, so a kill within it comes at any moment of forming.</summary>
    const int FormingMilliseconds = 3000;

    /// <summary>
    /// Five clusters share an operator and its end, and each is applied earlier than that end by a time of its own, which its seed decides:
    /// twenty random moments of forming for the price of four operators.
    /// </summary>
    [Theory]
    [InlineData(1, 5)]
    [InlineData(6, 10)]
    [InlineData(11, 15)]
    [InlineData(16, 20)]
    public async Task An_operator_killed_at_a_random_moment_of_forming_and_started_again_finishes(int firstSeed, int lastSeed)
    {
        var cases = Enumerable.Range(firstSeed, lastSeed - firstSeed + 1).Select(seed => new Case(Kubernetes, seed)).ToList();
        var first = Kubernetes.StartOperator(LocalKubernetesFixture.Unattended);
        await EventuallyAsync("the operator has started", () => Task.FromResult(first.Tail.Contains("looks after", StringComparison.Ordinal) ? null : first.Tail));

        await Task.WhenAll(cases.Select(async one =>
        {
            await Task.Delay(FormingMilliseconds - one.Milliseconds);
            await one.Cluster.ApplyAsync(one.Shards, one.Replicas);
        }).Append(Task.Delay(FormingMilliseconds)));
        first.Kill();
        foreach (var one in cases)
        {
            one.AtTheKill = (await one.Cluster.ConditionsAsync()).GetValueOrDefault("Ready")?.ToString() ?? "no status yet";
            TestContext.Current.TestOutputHelper?.WriteLine(one.ToString());
        }

        var second = Kubernetes.StartOperator(LocalKubernetesFixture.Unattended);
        foreach (var one in cases)
        {
            try
            {
                await one.Cluster.WaitUntilReadyAsync();
                await one.Cluster.AssertWholeAsync(one.Shards, one.Replicas);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"{one}, and did not recover: {error.Message}", error);
            }
        }

        Assert.Contains(cases, one => !one.AtTheKill.StartsWith("Ready=True", StringComparison.Ordinal));
        await Task.WhenAll(cases.Select(one => one.Cluster.DeleteAsync()));
        await Task.WhenAll(cases.Select(one => one.Cluster.WaitUntilGoneAsync()));
        await second.TerminateAsync();
    }

    sealed class Case
    {
        readonly int _seed;

        public Case(LocalKubernetesFixture kubernetes, int seed)
        {
            var random = new Random(seed);
            _seed = seed;
            Cluster = new TestCluster(kubernetes, $"seed-{seed}", LocalKubernetesFixture.Unattended);
            Milliseconds = random.Next(FormingMilliseconds);
            Replicas = random.Next(2);
            Shards = 3 - Replicas;
        }

        public TestCluster Cluster { get; }

        public int Milliseconds { get; }

        public int Shards { get; }

        public int Replicas { get; }

        public string AtTheKill { get; set; } = "";

        public override string ToString() => $"seed {_seed}: {Shards}x{Replicas}, the operator was killed {Milliseconds} ms after apply, at {AtTheKill}";
    }
}
