using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Slotwise.Kubernetes.Api;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Api;
using Slotwise.LocalKubernetes.Machine;
using Slotwise.LocalKubernetes.Nodes.Pods;

namespace Slotwise.LocalKubernetes.Nodes.Logs;

/// <summary>The output of this node's containers, read from the files that it is written to.</summary>
public sealed class PodLogs(Instance instance, LogBook book) : IPodLogs
{
    public async IAsyncEnumerable<PodLogLine> ReadAsync(PodLogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var path = Find(query);
        // taken before reading, so that a line that comes meanwhile is not missed
        var log = book.Find(path);
        using var reader = ReadLog.Open(path);
        foreach (var line in Choose(Read(reader), query))
        {
            yield return line;
        }

        while (query.Follow && log is not null && !cancellationToken.IsCancellationRequested)
        {
            var (changed, complete) = (log.Changed, log.IsComplete);
            foreach (var line in Choose(Read(reader), query with { TailLines = null }))
            {
                yield return line;
            }

            if (complete)
            {
                yield break;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    static IEnumerable<PodLogLine> Choose(IEnumerable<PodLogLine> lines, PodLogQuery query)
    {
        var chosen = query.Since is { } since ? lines.Where(line => line.Time >= since) : lines;
        return query.TailLines is { } tail ? chosen.TakeLast((int)Math.Min(tail, int.MaxValue)) : chosen;
    }

    /// <summary>Whole lines: the parts of a long one are put together again.</summary>
    static IEnumerable<PodLogLine> Read(StreamReader reader)
    {
        var parts = new Dictionary<string, string>();
        while (reader.ReadLine() is { } text)
        {
            if (!LogLine.TryParse(text, out var line))
            {
                continue;
            }

            var whole = parts.GetValueOrDefault(line.Stream, "") + line.Text;
            if (line.IsPartial)
            {
                parts[line.Stream] = whole;
                continue;
            }

            parts.Remove(line.Stream);
            yield return new PodLogLine(line.At, whole);
        }
    }

    string Find(PodLogQuery query)
    {
        var directory = Path.GetDirectoryName(PodContext.LogPath(instance.PodsDirectory, query.PodUid, query.Container, 0))!;
        var runs = Directory.Exists(directory)
            ? Directory.EnumerateFiles(directory, "*.log").Select(path => int.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture)).Order().ToList()
            : [];
        if (query.Previous)
        {
            runs = [.. runs.SkipLast(1)];
        }

        return runs.Count > 0
            ? Path.Combine(directory, $"{runs[^1]}.log")
            : throw Refuse(query.Previous
                ? $"previous terminated container \"{query.Container}\" in pod \"{query.Pod}\" not found"
                : $"container \"{query.Container}\" in pod \"{query.Pod}\" is waiting to start: ContainerCreating");
    }

    static KubernetesApiException Refuse(string message) =>
        new(HttpStatusCode.BadRequest, new V1Status { Status = "Failure", Message = message, Reason = "BadRequest", Code = 400 });
}
