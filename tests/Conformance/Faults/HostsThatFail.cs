using System.Text.Json.Nodes;
using Slotwise.Conformance.Suite;
using Slotwise.EndToEnd.Machine;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.Conformance.Faults;

/// <summary>A LocalKubernetes of three hosts whose hosts may be lost without harm to other cases. It gives a host up after two seconds.</summary>
public sealed class HostsThatFail(ClusterUnderTest shared) : IAsyncLifetime
{
    readonly string _mark = $"SLOTWISE_CONFORMANCE={Guid.NewGuid():N}";
    readonly string _directory = Directory.CreateTempSubdirectory("slotwise-hosts-").FullName;
    RunningProgram? _localkube;
    ApiClient? _api;

    public ApiClient Api => _api ?? throw new InvalidOperationException("only LocalKubernetes makes trouble on demand");

    public static IReadOnlyList<string> Hosts { get; } = ["localkube-0", "localkube-1", "localkube-2"];

    public async ValueTask InitializeAsync()
    {
        if (!shared.IsLocal)
        {
            return;
        }

        var kubeconfig = Path.Combine(_directory, "kubeconfig");
        var mark = _mark.Split('=');
        _localkube = RunningProgram.Start(
            "localkube", new Dictionary<string, string> { [mark[0]] = mark[1] }, "up", "--port", "0", "--hosts", $"{Hosts.Count}", "--host-grace", "2", "--kubeconfig", kubeconfig, "--state", StateDirectory);
        var start = TimeProvider.System.GetTimestamp();
        while (!File.Exists(kubeconfig) || !_localkube.Output.Any(line => line.Contains("Ctrl-C", StringComparison.Ordinal)))
        {
            Assert.True(!_localkube.HasEnded && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60), _localkube.Tail);
            await Task.Delay(50);
        }

        _api = new ApiClient(KubernetesConfiguration.Load(kubeconfig, null, TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        if (_localkube is { } localkube)
        {
            await localkube.TerminateAsync();
            var left = await Leftovers.FindAsync(StateDirectory, _mark);
            Assert.True(left.Count == 0, $"left behind:\n{string.Join('\n', left)}\n{localkube.Tail}");
            localkube.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Makes trouble for a host, or ends it.</summary>
    public async Task InflictAsync(string host, JsonObject fault) => (await Api.PatchAsync($"/api/v1/nodes/{host}/localkube", PatchType.Merge, fault)).Expect(200);

    /// <summary>Ends all trouble of all hosts, and waits until they are ready.</summary>
    public async Task MendAsync()
    {
        foreach (var host in Hosts)
        {
            await InflictAsync(host, new JsonObject { ["mend"] = new JsonArray(), ["loss"] = 0, ["power"] = true });
        }

        foreach (var host in Hosts)
        {
            await Api.AwaitAsync($"/api/v1/nodes/{host}", node => ReadyOf(node) == "True" && node["spec"]!["taints"] is not JsonArray { Count: > 0 }, "to be ready again");
        }
    }

    public static string? ReadyOf(JsonObject node) =>
        (string?)(node["status"]?["conditions"]?.AsArray() ?? []).FirstOrDefault(condition => (string?)condition!["type"] == "Ready")?["status"];

    string StateDirectory => Path.Combine(_directory, "state");
}
