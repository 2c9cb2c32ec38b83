using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Nodes.Logs;

namespace Slotwise.LocalKubernetes.Nodes.Pods;

/// <summary>What a run of a container left for people, or by policy the end of its log (kubelet's getTerminationMessage).</summary>
static class ReadTerminationMessage
{
    const int Longest = 4096;
    const int LongestOfLog = 2048;
    const int MostLines = 80;

    /// <summary>Null when there is nothing to say.</summary>
    public static string? Of(V1Container container, PodContext context, int run, int exitCode)
    {
        var pods = context.Services.Instance.PodsDirectory;
        var uid = context.Pod.Metadata.Uid ?? "";
        var file = Path.Combine(pods, uid, "containers", container.Name, $"{run}", "termination-log");
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        if (text.Length > 0 || exitCode == 0 || container.TerminationMessagePolicy != "FallbackToLogsOnError")
        {
            return text.Length == 0 ? null : End(text, Longest);
        }

        var lines = ReadLog.Lines(PodContext.LogPath(pods, uid, container.Name, run)).TakeLast(MostLines);
        var log = string.Concat(lines.Select(line => line.IsPartial ? line.Text : line.Text + "\n"));
        return log.Length == 0 ? null : End(log, LongestOfLog);
    }

    static string End(string text, int longest) => text.Length <= longest ? text : text[^longest..];
}
