using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.EndToEnd.Machine;
using Slotwise.Entities.Tests;
using Slotwise.Kubernetes.Client;
using Slotwise.Kubernetes.Configuration;

namespace Slotwise.EndToEnd.Clusters;

/// <summary>
/// A localkube with our kinds and the operator's account in it, and stock kubectl to talk to it, started as a user would start them. When it ends,
/// nothing of it may be left on the machine.
/// </summary>
/// <param name="arguments">Further arguments for <c>localkube up</c>.</param>
public class RunningKubernetes(params IEnumerable<string> arguments) : IAsyncDisposable
{
    /// <summary>The namespace that is there without being made.</summary>
    public const string Default = "default";

    /// <summary>The first version that reads the OpenAPI document that is served; older ones would refuse everything.</summary>
    const int ValidatingMinor = 27;

    static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(120);

    readonly string _mark = $"SLOTWISE_END_TO_END={Guid.NewGuid():N}";
    readonly string _directory = Directory.CreateTempSubdirectory("slotwise-e2e-").FullName;
    readonly List<RunningProgram> _programs = [];
    readonly Dictionary<string, string> _environment = [];
    UntypedClient? _reader;

    /// <summary>Where the volumes of claims are, among other things.</summary>
    public string StateDirectory => Path.Combine(_directory, "state");

    /// <summary>The administrator's.</summary>
    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    /// <summary>The operator's.</summary>
    protected string OperatorKubeconfig => Path.Combine(_directory, "operator-kubeconfig");

    /// <summary>Whether this kubectl has the server say what fields it does not know.</summary>
    public bool ValidatesFields { get; private set; }

    /// <summary>Starts all of it but operators.</summary>
    public async Task StartAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("the end-to-end tests run pods as real processes in namespaces of their own and need root: run them with sudo");
        }

        var mark = _mark.Split('=');
        _environment[mark[0]] = mark[1];
        _environment["KUBECONFIG"] = Kubeconfig;
        _environment["HOME"] = _directory; // kubectl keeps what it discovered there, by address
        try
        {
            await StartProgramsAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);

        // The operators first, so that they see their API until their end.
        var troubles = new List<string>();
        foreach (var program in Enumerable.Reverse(_programs))
        {
            try
            {
                if (!program.HasEnded)
                {
                    await program.TerminateAsync();
                }
            }
            catch (Exception error) when (error is TimeoutException or InvalidOperationException)
            {
                troubles.Add(error.Message);
            }
        }

        troubles.AddRange((await Leftovers.FindAsync(StateDirectory, _mark)).Select(thing => $"left behind: {thing}"));
        if (troubles.Count > 0)
        {
            throw new InvalidOperationException(string.Join('\n', troubles) + "\n" + Tails());
        }

        _reader?.Dispose();
        _programs.ForEach(program => program.Dispose());
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

    /// <summary>Reads an object or a list, of which nothing needs kubectl: it takes a fifth of a second of a processor each time, and waiting asks again and again.</summary>
    /// <param name="path">Below the server's address, such as <c>/api/v1/pods</c>.</param>
    public async Task<JsonObject> ReadAsync(string path) => await _reader!.GetAsync(path, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Runs kubectl, however it ends.</summary>
    internal Task<CommandResult> TryKubectlAsync(string input, params IEnumerable<string> arguments) =>
        Command.RunAsync("kubectl", arguments, input, _environment);

    /// <summary>Applies a manifest, which must be accepted.</summary>
    public async Task<string> ApplyAsync(string manifest)
    {
        var result = await TryApplyAsync(manifest);
        Assert.True(result.ExitCode == 0, $"{result}\n{manifest}");
        return result.Output;
    }

    internal Task<CommandResult> TryApplyAsync(string manifest) => TryKubectlAsync(manifest, ["apply", .. Validation, "-f", "-"]);

    /// <summary>Applies a file or directory of the repository, which must be accepted.</summary>
    internal Task ApplyFileAsync(string path) => KubectlAsync(["apply", .. Validation, "-f", path]);

    /// <summary>
    /// Starts an operator for clusters of some namespaces, with exactly the rights that its manifests grant. It ends with the tests, or when it is killed.
    /// </summary>
    internal RunningProgram StartOperator(params IEnumerable<string> namespaces) =>
        StartSlotwise(["run", "--health-port", "0", "--kubeconfig", OperatorKubeconfig, .. namespaces.SelectMany(ns => new[] { "--namespace", ns })]);

    /// <summary>Starts a command of the operator's program that runs until it is told to end.</summary>
    internal RunningProgram StartSlotwise(params IEnumerable<string> arguments)
    {
        var program = RunningProgram.Start("slotwise", _environment, arguments);
        lock (_programs)
        {
            _programs.Add(program);
        }

        return program;
    }

    /// <summary>Runs another command of the operator's program.</summary>
    internal Task<CommandResult> SlotwiseAsync(params IEnumerable<string> arguments) =>
        Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "slotwise"), arguments, "", _environment);

    /// <summary>Makes trouble for a pod; it must succeed.</summary>
    internal async Task LocalkubeAsync(params IEnumerable<string> arguments)
    {
        var result = await Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "localkube"), arguments, "", _environment);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    /// <summary>What all programs said last and what there is: for whoever has to find out why a test failed.</summary>
    public async Task<string> DescribeAsync()
    {
        var objects = await TryKubectlAsync("", "get", "rediscluster,pods", "--all-namespaces", "-o", "wide");
        return $"{objects.Output}{objects.Errors}\n{Tails()}";
    }

    string[] Validation => ValidatesFields ? [] : ["--validate=false"];

    async Task StartProgramsAsync()
    {
        var client = JsonNode.Parse(await KubectlAsync("version", "--client", "-o", "json"));
        var minor = new string([.. client!["clientVersion"]!["minor"]!.GetValue<string>().TakeWhile(char.IsAsciiDigit)]);
        ValidatesFields = int.Parse(minor, CultureInfo.InvariantCulture) >= ValidatingMinor;

        _programs.Add(RunningProgram.Start("localkube", _environment, ["up", "--port", "0", "--kubeconfig", Kubeconfig, "--state", StateDirectory, .. arguments]));
        await WaitAsync("the API server to be ready", async () => File.Exists(Kubeconfig) && (await TryKubectlAsync("", "get", "--raw", "/readyz")).ExitCode == 0);
        _reader = new UntypedClient(KubernetesConfiguration.Load(Kubeconfig, null, TimeProvider.System), TimeProvider.System);
        await ApplyFileAsync(Path.Combine(Repository.Root, "config/crd"));
        await OperatorAccount.InstallAsync(this, OperatorKubeconfig);
    }

    async Task WaitAsync(string what, Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (_programs.Exists(program => program.HasEnded) || TimeProvider.System.GetElapsedTime(start) > StartsWithin)
            {
                throw new InvalidOperationException($"waited {StartsWithin.TotalSeconds} s for {what}\n{Tails()}");
            }

            await Task.Delay(100);
        }
    }

    string Tails()
    {
        lock (_programs)
        {
            return string.Concat(_programs.Where(program => !program.HasEnded).Concat(_programs.Where(program => program.HasEnded).TakeLast(2)).Select(program => program.Tail));
        }
    }
}
