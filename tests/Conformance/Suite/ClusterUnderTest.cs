using System.Text.Json.Nodes;
using Slotwise.EndToEnd.Machine;
using Slotwise.Kubernetes.Configuration;

[assembly: AssemblyFixture(typeof(Slotwise.Conformance.Suite.ClusterUnderTest))]

namespace Slotwise.Conformance.Suite;

/// <summary>
/// The cluster that the cases are run on: the one of the kubeconfig that <c>SLOTWISE_CONFORMANCE_KUBECONFIG</c> names, or else a LocalKubernetes
/// of their own, which must leave nothing behind on the machine.
/// </summary>
public sealed class ClusterUnderTest : IAsyncLifetime
{
    /// <summary>Names the kubeconfig of a real cluster. It is not <c>KUBECONFIG</c>, so that <c>make test</c> never touches a user's cluster.</summary>
    public const string Variable = "SLOTWISE_CONFORMANCE_KUBECONFIG";

    const int LocalHosts = 3;

    static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60);

    readonly string _mark = $"SLOTWISE_CONFORMANCE={Guid.NewGuid():N}";
    readonly string _directory = Directory.CreateTempSubdirectory("slotwise-conformance-").FullName;
    readonly Dictionary<string, string> _environment = [];
    RunningProgram? _localkube;
    ApiClient? _api;

    /// <summary>Whether it is LocalKubernetes, which makes trouble on demand.</summary>
    public bool IsLocal => _localkube is not null;

    /// <summary>The API as its administrator.</summary>
    public ApiClient Api => _api ?? throw new InvalidOperationException("the cluster has not started");

    /// <summary>Hosts that are ready and take pods.</summary>
    public int Hosts { get; private set; }

    /// <summary>The file that leads to it.</summary>
    public string Kubeconfig { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        try
        {
            await StartAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        if (_localkube is { } localkube)
        {
            await localkube.TerminateAsync();
            var left = await Leftovers.FindAsync(StateDirectory, _mark);
            if (left.Count > 0)
            {
                throw new InvalidOperationException($"left behind:\n{string.Join('\n', left)}\n{localkube.Tail}");
            }

            localkube.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Runs kubectl; it must succeed.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> KubectlAsync(params IEnumerable<string> arguments)
    {
        var result = await TryKubectlAsync("", arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    /// <summary>Runs kubectl, however it ends.</summary>
    internal Task<CommandResult> TryKubectlAsync(string input, params IEnumerable<string> arguments) => Command.RunAsync("kubectl", arguments, input, _environment);

    /// <summary>Runs a command of localkube against this cluster, such as one that makes trouble; it must succeed.</summary>
    public async Task<string> LocalkubeAsync(params IEnumerable<string> arguments)
    {
        var result = await Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "localkube"), arguments, "", _environment);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    string StateDirectory => Path.Combine(_directory, "state");

    async Task StartAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            Kubeconfig = Path.GetFullPath(given);
        }
        else
        {
            Kubeconfig = Path.Combine(_directory, "kubeconfig");
            var mark = _mark.Split('=');
            _environment[mark[0]] = mark[1];
            // a kubelet's delays would make the suite longer by minutes; real clusters have them
            _localkube = RunningProgram.Start("localkube", _environment, "up", "--port", "0", "--hosts", $"{LocalHosts}", "--delays", "short", "--kubeconfig", Kubeconfig, "--state", StateDirectory);
        }

        _environment["KUBECONFIG"] = Kubeconfig;
        _environment["HOME"] = _directory; // kubectl keeps what it discovered there, by address
        await WaitAsync("its kubeconfig", () => Task.FromResult(File.Exists(Kubeconfig)));
        _api = new ApiClient(KubernetesConfiguration.Load(Kubeconfig, null, TimeProvider.System));
        await WaitAsync("its API server", async () => (await Api.TryGetAsync("/readyz"))?.Status == 200);
        if (IsLocal)
        {
            await WaitAsync("its hosts", async () => await CountHostsAsync() == LocalHosts);
        }

        Hosts = await CountHostsAsync();
    }

    async Task<int> CountHostsAsync() => (await Api.GetAsync("/api/v1/nodes")).Expect(200)["items"]!.AsArray().Count(node => IsReady(node!));

    static bool IsReady(JsonNode node) =>
        node["status"]?["conditions"]?.AsArray().Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True") == true
        && (bool?)node["spec"]?["unschedulable"] != true
        && node["spec"]?["taints"]?.AsArray().Any(taint => (string?)taint!["effect"] is "NoSchedule" or "NoExecute") != true;

    async Task WaitAsync(string what, Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (_localkube?.HasEnded == true || TimeProvider.System.GetElapsedTime(start) > StartsWithin)
            {
                throw new InvalidOperationException($"waited {StartsWithin.TotalSeconds} s for the cluster: {what}\n{_localkube?.Tail}");
            }

            await Task.Delay(50);
        }
    }
}
