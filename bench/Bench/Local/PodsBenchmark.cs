using System.Diagnostics;
using System.Globalization;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Bench.Local;

/// <summary>Two hundred small pods of one StatefulSet on LocalKubernetes: how long until all are Ready, and what they cost it at rest.</summary>
static class PodsBenchmark
{
    const int Pods = 200;

    static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);
    static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("slotwise-bench-pods-").FullName;
        var kubeconfig = Path.Combine(directory, "kubeconfig");
        using var localkube = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "localkube"), ["up", "--port", "0", "--kubeconfig", kubeconfig, "--state", Path.Combine(directory, "state")])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            while (await localkube.StandardOutput.ReadLineAsync(cancellationToken) is { } line && !line.Contains("Ctrl-C", StringComparison.Ordinal))
            {
                // until it is up
            }

            await MeasureAsync(localkube, kubeconfig, cancellationToken);
        }
        finally
        {
            using var terminate = Process.Start("kill", [localkube.Id.ToString(CultureInfo.InvariantCulture)]);
            await localkube.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(directory, recursive: true);
        }
    }

    static async Task MeasureAsync(Process localkube, string kubeconfig, CancellationToken cancellationToken)
    {
        using var client = new KubernetesClient(KubernetesConfiguration.Load(kubeconfig, null, TimeProvider.System), TimeProvider.System);
        var start = Stopwatch.GetTimestamp();
        await client.CreateAsync(Set(), cancellationToken);
        while (await CountReadyAsync(client, cancellationToken) < Pods)
        {
            await Task.Delay(100, cancellationToken);
        }

        Report.Alone(string.Create(CultureInfo.InvariantCulture, $"{Pods} pods Ready"), Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        await Task.Delay(Settling, cancellationToken);
        localkube.Refresh();
        var before = localkube.TotalProcessorTime;
        await Task.Delay(Rest, cancellationToken);
        localkube.Refresh();
        Report.Alone(string.Create(CultureInfo.InvariantCulture, $"{Pods} pods at rest, processor"), (localkube.TotalProcessorTime - before) / Rest * 100, "% of a core");
        Report.Alone(string.Create(CultureInfo.InvariantCulture, $"{Pods} pods at rest, memory"), localkube.WorkingSet64 / 1048576.0, "MB");
    }

    static async Task<int> CountReadyAsync(KubernetesClient client, CancellationToken cancellationToken) =>
        (await client.GetAsync<V1StatefulSet>("default", "many", cancellationToken)).Status?.ReadyReplicas ?? 0;

    static V1StatefulSet Set()
    {
        var labels = new Dictionary<string, string> { ["app"] = "many" };
        return new V1StatefulSet
        {
            Metadata = new V1ObjectMeta { Name = "many", NamespaceProperty = "default" },
            Spec = new V1StatefulSetSpec
            {
                Replicas = Pods,
                ServiceName = "many",
                PodManagementPolicy = "Parallel",
                Selector = new V1LabelSelector { MatchLabels = labels },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = labels },
                    Spec = new V1PodSpec { TerminationGracePeriodSeconds = 1, Containers = [new V1Container { Name = "main", Image = "debian:12", Command = ["sleep", "infinity"] }] },
                },
            },
        };
    }
}
