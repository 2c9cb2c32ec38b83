namespace Slotwise.EndToEnd.Clusters;

/// <summary>A test on the shared local cluster.</summary>
public abstract class EndToEndTest(LocalKubernetesFixture kubernetes) : EndToEndTest<LocalKubernetesFixture>(kubernetes);

/// <summary>A test on a local cluster. When it fails, what the programs said and what there is stands beside its message.</summary>
public abstract class EndToEndTest<TKubernetes>(TKubernetes kubernetes) : IAsyncDisposable
    where TKubernetes : RunningKubernetes
{
    /// <summary>A cluster becomes Ready, is repaired or is gone within this time, whatever else the machine does.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    protected TKubernetes Kubernetes { get; } = kubernetes;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(await Kubernetes.DescribeAsync());
        }
    }

    /// <summary>Waits for what other programs will do.</summary>
    /// <param name="what">What is waited for, for the message when it does not come.</param>
    /// <param name="look">Null when it is there, else what is there instead.</param>
    protected static Task EventuallyAsync(string what, Func<Task<string?>> look) => Eventually.SeenAsync(what, Patience, look);
}
