using System.CommandLine;

namespace Slotwise.Operator.CommandLine;

/// <summary>The program: its commands, and what becomes of an error that none of them expected.</summary>
static class SlotwiseCommand
{
    /// <summary>How long a command may take to end once it was asked to; a pass and the release of the lease fit in.</summary>
    static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(28);

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Runs Redis Clusters on Kubernetes.")
        {
            RunCommand.Build(),
            StatusCommand.Build(),
            CheckCommand.Build(),
            LoadCommand.Build(),
            CrdCommand.Build(),
            VersionCommand.Build(),
        };
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = EndsWithin };
        try
        {
            return await root.Parse(args).InvokeAsync(configuration);
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        catch (Exception error) when (ErrorText.TryDescribe(error) is { } line)
        {
            await Console.Error.WriteLineAsync($"slotwise: {line}");
            return 1;
        }
    }
}
