[assembly: AssemblyFixture(typeof(Slotwise.EndToEnd.Clusters.LocalKubernetesFixture))]

namespace Slotwise.EndToEnd.Clusters;

/// <summary>One localkube and one operator for all tests, without a kubelet's delays, which would only make the tests longer.</summary>
public sealed class LocalKubernetesFixture() : RunningKubernetes("--delays", "short"), IAsyncLifetime
{
    // Where tests make clusters that the shared operator looks after, beside the default namespace:
    public const string Blue = "blue";

    public const string Green = "green";

    /// <summary>Here tests run, and kill, operators of their own.</summary>
    public const string Unattended = "unattended";

    /// <summary>Here one operator follows another.</summary>
    public const string Inherited = "inherited";

    /// <summary>Here tests kill operators while clusters change their shape.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>Here clusters are hurt, and an operator of their own is killed while it heals them.</summary>
    public const string Hurt = "hurt";

    /// <summary>Here servers end, by themselves and by others' hands, with an operator of their own or without.</summary>
    public const string Outages = "outages";

    /// <summary>Here an operator's API server is in trouble.</summary>
    public const string Troubled = "troubled";

    /// <summary>Here users change their minds, and each walk has an operator of its own.</summary>
    public const string Walked = "walked";

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        foreach (var ns in new[] { Blue, Green, Unattended, Inherited, Interrupted, Hurt, Outages, Troubled, Walked })
        {
            await KubectlAsync("create", "namespace", ns);
        }

        // Only this one works with a lease: the others that tests start would wait for it.
        StartSlotwise(
            "run", "--health-port", "0", "--kubeconfig", OperatorKubeconfig, "--leader-elect", "--leader-election-namespace", OperatorAccount.Namespace,
            "--namespace", Default, "--namespace", Blue, "--namespace", Green);
    }
}
