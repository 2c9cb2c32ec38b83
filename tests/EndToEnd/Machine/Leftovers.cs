using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.EndToEnd.Machine;

/// <summary>What of a local cluster is still on the machine after it ended: there must be nothing.</summary>
static class Leftovers
{
    /// <summary>The kernel takes network namespaces and processes down a moment later.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="stateDirectory">The local cluster's.</param>
    /// <param name="mark">A variable that all programs of these tests carry in their environment.</param>
    public static async Task<IReadOnlyList<string>> FindAsync(string stateDirectory, string mark)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var found = await LookAsync(new Instance(stateDirectory), mark);
            if (found.Count == 0 || TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                return found;
            }

            await Task.Delay(100);
        }
    }

    static async Task<List<string>> LookAsync(Instance instance, string mark)
    {
        var namespaces = await Command.RunAsync("ip", ["netns", "list"]);
        var interfaces = await Command.RunAsync("ip", ["-o", "link", "show"]);
        List<string> found =
        [
            .. Lines(namespaces.Output).Where(line => line.StartsWith(instance.Name, StringComparison.Ordinal)).Select(line => $"network namespace {line}"),
            .. Lines(interfaces.Output).Where(line => line.Contains($" {instance.Name}", StringComparison.Ordinal)).Select(line => $"interface {line}"),
            .. Lines(await File.ReadAllTextAsync("/proc/self/mounts")).Where(line => line.Contains(instance.StateDirectory, StringComparison.Ordinal)).Select(line => $"mount {line}"),
            .. Directory.EnumerateDirectories("/proc").Where(process => IsOurs(process, instance, mark)).Select(process => $"process {process} {Read(process, "cmdline").Replace('\0', ' ')}"),
        ];
        if (Directory.Exists(instance.MemoryDirectory))
        {
            found.Add($"directory {instance.MemoryDirectory}");
        }

        return found;
    }

    static bool IsOurs(string process, Instance instance, string mark) =>
        int.TryParse(Path.GetFileName(process), out var id)
        && id != Environment.ProcessId
        && (Read(process, "environ").Split('\0').Contains(mark) || Read(process, "mountinfo").Contains(instance.StateDirectory, StringComparison.Ordinal));

    static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ""; // it ended between two looks
        }
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
