using System.Reflection;
using System.Text.Json.Nodes;
using Xunit.v3;

namespace Slotwise.Conformance.Suite;

/// <summary>What all cases have: the cluster, and a namespace of their own that goes with them.</summary>
public abstract class ConformanceTest(ClusterUnderTest cluster) : IAsyncLifetime
{
    protected ClusterUnderTest Cluster { get; } = cluster;

    /// <summary>The API as its administrator.</summary>
    protected ApiClient Api => Cluster.Api;

    /// <summary>A namespace of this case alone; also a prefix for the names of things that have none.</summary>
    protected string Namespace { get; } = $"conformance-{Guid.NewGuid():N}"[..24];

    /// <summary>Ends when the case is given up.</summary>
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The path of a kind of the core API in this case's namespace: <c>Core("pods/a")</c>.</summary>
    protected string Core(string rest) => $"/api/v1/namespaces/{Namespace}/{rest}";

    /// <summary>The same for another API: <c>Group("apps/v1", "statefulsets/a")</c>.</summary>
    protected string Group(string groupVersion, string rest) => $"/apis/{groupVersion}/namespaces/{Namespace}/{rest}";

    public virtual async ValueTask InitializeAsync()
    {
        SkipWhereImpossible();
        (await Api.PostAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = Namespace } })).Expect(201);
        // Without it pods are refused, and a controller makes it.
        await Api.AwaitAsync(Core("serviceaccounts/default"), _ => true, "the namespace's service account");
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Api.DeleteAsync($"/api/v1/namespaces/{Namespace}");
        GC.SuppressFinalize(this);
    }

    void SkipWhereImpossible()
    {
        if ((TestContext.Current.TestMethod as IXunitTestMethod)?.Method.GetCustomAttribute<CaseAttribute>() is not { } its)
        {
            return;
        }

        Assert.SkipWhen(its.NeedsFaults && !Cluster.IsLocal, "only LocalKubernetes makes trouble on demand");
        var hosts = its.NeedsPods ? Math.Max(1, its.Hosts) : its.Hosts;
        Assert.SkipWhen((its.NeedsPods || its.Hosts > 1) && Cluster.Hosts < hosts, $"it needs {hosts} hosts that take pods, and there are {Cluster.Hosts}");
    }
}
