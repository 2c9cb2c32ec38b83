using System.CommandLine;
using System.Globalization;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Controllers.Hosts;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Network;

namespace Slotwise.LocalKubernetes;

/// <summary><c>localkube up</c>: starts everything, says how to use it, and runs until it is told to stop.</summary>
static class UpCommand
{
    const string KubernetesDelays = "kubernetes";

    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "The port of the API server on 127.0.0.1; 0 for any free one.", DefaultValueFactory = _ => 6443 };
        var kubeconfig = new Option<FileInfo?>("--kubeconfig") { Description = "Where to write the kubeconfig. Default: kubeconfig in the state directory." };
        var state = new Option<DirectoryInfo>("--state")
        {
            Description = "Where keys, volumes and logs are kept. Objects are in memory only and end with the program.",
            DefaultValueFactory = _ => new DirectoryInfo(DefaultState()),
        };
        var images = ImagesCommand.StoreOption();
        var hosts = new Option<int>("--hosts") { Description = "How many hosts the machine stands for, each in a zone of its own.", DefaultValueFactory = _ => 1 };
        hosts.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && int.TryParse(given.Value, out var count) && count is < 1 or > PodNetwork.MostHosts)
            {
                result.AddError($"--hosts {count}: from 1 to {PodNetwork.MostHosts}");
            }
        });
        var grace = new Option<double>("--host-grace")
        {
            Description = "After how many seconds without a heartbeat a host is lost. The other times of a lost host are as much shorter or longer than Kubernetes'.",
            DefaultValueFactory = _ => new HostDelays().Grace.TotalSeconds,
        };
        grace.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && double.TryParse(given.Value, CultureInfo.InvariantCulture, out var seconds) && seconds is not (>= 0.5 and <= 3600))
            {
                result.AddError($"--host-grace {given.Value}: from 0.5 to 3600 seconds");
            }
        });
        var delays = new Option<string>("--delays")
        {
            Description = "kubernetes: hosts notice what becomes of containers, probes and ConfigMaps as late as a kubelet does. short: at once.",
            DefaultValueFactory = _ => KubernetesDelays,
        };
        delays.AcceptOnlyFromAmong(KubernetesDelays, "short");
        var command = new Command("up", "Starts an API server, the controllers and the hosts, and runs until Ctrl-C.") { port, kubeconfig, state, images, hosts, grace, delays };
        command.SetAction((parsed, cancellationToken) =>
        {
            var directory = parsed.GetRequiredValue(state);
            var file = parsed.GetValue(kubeconfig) ?? new FileInfo(Path.Combine(directory.FullName, "kubeconfig"));
            return RunAsync(new LocalClusterOptions(parsed.GetValue(port), file.FullName, directory.FullName, parsed.GetRequiredValue(images).FullName, parsed.GetValue(hosts), HostDelays.WithGrace(TimeSpan.FromSeconds(parsed.GetValue(grace))), parsed.GetValue(delays) == KubernetesDelays), cancellationToken);
        });
        return command;
    }

    static async Task<int> RunAsync(LocalClusterOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await using var cluster = await LocalCluster.StartAsync(options, TimeProvider.System, cancellationToken);
            Console.WriteLine($"localkube is up at {cluster.Server.Address}. Its objects are kept in memory: they end with it.");
            Console.WriteLine($"  export KUBECONFIG={options.Kubeconfig}");
            Console.WriteLine("  kubectl get nodes,pods -A");
            Console.WriteLine("Ctrl-C ends it.");
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is PortTakenException or StateInUseException or HostCommandException or UnauthorizedAccessException or IOException)
        {
            await Console.Error.WriteLineAsync($"localkube: {e.Message}");
            return 1;
        }

        return 0;
    }

    // The system's place for root, the user's for everybody else.
    public static string DefaultState() => Environment.UserName == "root"
        ? "/var/lib/localkube"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "localkube");
}
