using System.CommandLine;
using System.Text.Json.Nodes;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Api.Resources;

namespace Slotwise.LocalKubernetes;

/// <summary>What can go wrong, on demand: <c>localkube pause</c>, <c>resume</c>, <c>kill</c>, <c>cut</c>, <c>mend</c>, <c>address</c>, <c>clock</c>.</summary>
static class FaultCommands
{
    public static readonly Option<FileInfo?> Kubeconfig = new("--kubeconfig") { Description = "The file that `localkube up` wrote. Default: KUBECONFIG, then the one in the default state directory." };

    static readonly Option<string> Namespace = new("--namespace", "-n") { Description = "The pod's namespace.", DefaultValueFactory = _ => "default" };

    static readonly Option<string?> Container = new("--container", "-c") { Description = "The container. Default: the pod's first." };

    public static IEnumerable<Command> Create()
    {
        var signal = new Option<int>("--signal") { Description = "The signal that its process 1 gets.", DefaultValueFactory = _ => 9 };
        var others = new Argument<string[]>("OTHER") { Description = "Pods, NAMESPACE/NAME for those elsewhere. None: all pods.", Arity = ArgumentArity.ZeroOrMore };
        var host = new Option<bool>("--host") { Description = "The link to this machine: probes, and an operator that runs here." };
        var address = new Argument<string>("IP") { Description = "In the pods' range." };

        yield return Command("pause", "Stops all processes of a container where they are.", [Container], parsed => new() { ["paused"] = true, ["container"] = parsed.GetValue(Container) });
        yield return Command("resume", "Lets a paused container go on.", [Container], parsed => new() { ["paused"] = false, ["container"] = parsed.GetValue(Container) });
        yield return Command("kill", "Kills a container's process; the container is restarted in place, as after a crash.", [Container, signal], parsed => new()
        {
            ["signal"] = parsed.GetValue(signal),
            ["container"] = parsed.GetValue(Container),
        });
        yield return Command("cut", "Cuts the network between a pod and others: what is sent is lost without an answer. Ends with the pod.", [others, host], parsed => new()
        {
            ["cut"] = Ends(parsed.GetValue(others) ?? [], parsed.GetValue(host), noneMeans: [LinkFault.Pods]),
        });
        yield return Command("mend", "Mends what was cut; without others, all links of the pod.", [others, host], parsed => new()
        {
            ["mend"] = Ends(parsed.GetValue(others) ?? [], parsed.GetValue(host), noneMeans: []),
        });
        yield return Command("address", "Has the next pod of this name get this address, as soon as it is free.", [address], parsed => new() { ["nextAddress"] = parsed.GetRequiredValue(address) });
        yield return Clock();
    }

    static Command Clock()
    {
        var pod = new Argument<string?>("POD") { Description = "The pod's name; none with --host.", Arity = ArgumentArity.ZeroOrOne };
        var host = new Option<string?>("--host") { Description = "All adjustable pods of this host, those started later included." };
        var by = new Option<string>("--by") { Description = "How far ahead of the machine's clock: +90s, -5m, -1h, 2d; 0 sets it right.", Required = true };
        var command = new Command("clock", "Lets the wall clock jump, of a pod that is annotated localkube.dev/clock: adjustable.") { pod, host, by, Namespace, Kubeconfig };
        command.Validators.Add(result =>
        {
            if (result.GetValue(pod) is null == result.GetValue(host) is null)
            {
                result.AddError("Whose clock? Give either POD or --host HOST.");
            }
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var body = new JsonObject { ["clock"] = parsed.GetRequiredValue(by) };
            return parsed.GetValue(host) is { } name
                ? RunAsync<V1Node>(parsed, null, name, body, cancellationToken)
                : RunAsync<V1Pod>(parsed, parsed.GetRequiredValue(Namespace), parsed.GetValue(pod)!, body, cancellationToken);
        });
        return command;
    }

    static JsonArray Ends(string[] others, bool host, string[] noneMeans) =>
        [.. (host ? [.. others, LinkFault.Host] : others.Length == 0 ? noneMeans : others).Select(end => JsonValue.Create(end))];

    static Command Command(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, JsonObject> body)
    {
        var pod = new Argument<string>("POD") { Description = "The pod's name." };
        var command = new Command(name, description) { pod, Namespace, Kubeconfig };
        Add(command, symbols);
        command.SetAction((parsed, cancellationToken) => RunAsync<V1Pod>(parsed, parsed.GetRequiredValue(Namespace), parsed.GetRequiredValue(pod), body(parsed), cancellationToken));
        return command;
    }

    public static void Add(Command command, IEnumerable<Symbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Add(argument);
                    break;
                case Option option:
                    command.Add(option);
                    break;
            }
        }
    }

    /// <summary>The kubeconfig that a command was given; null: that of the environment.</summary>
    public static string? KubeconfigOf(ParseResult parsed)
    {
        var own = Path.Combine(UpCommand.DefaultState(), "kubeconfig");
        return parsed.GetValue(Kubeconfig)?.FullName ?? (Environment.GetEnvironmentVariable("KUBECONFIG") is null or "" && File.Exists(own) ? own : null);
    }

    /// <summary>Asks the server for trouble with one object.</summary>
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync<T>(ParseResult parsed, string? ns, string name, JsonObject body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            using var client = new KubernetesClient(KubernetesConfiguration.Load(KubeconfigOf(parsed), null, TimeProvider.System), TimeProvider.System);
            await client.MergePatchAsync<T>(ns, name, body, FaultRequests.Part, cancellationToken);
            return 0;
        }
        catch (Exception e) when (e is KubernetesApiException or KubernetesUnreachableException or KubernetesConfigurationException)
        {
            await Console.Error.WriteLineAsync($"localkube: {e.Message}");
            return 1;
        }
    }
}
