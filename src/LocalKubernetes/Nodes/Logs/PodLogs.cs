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
        var log = book.Find(path);
        var (reader, files) = Open(path, log);
        try
        {
            foreach (var line in Choose(reader.Read(), query))
            {
                yield return line;
            }

            while (query.Follow && log is not null && !cancellationToken.IsCancellationRequested)
            {
                // taken before reading, so that a line that comes meanwhile is not missed
                var state = log.State;
                foreach (var line in Choose(reader.Read(), query with { TailLines = null }))
                {
                    yield return line;
                }

                if (state.Files != files)
                {
                    reader.Dispose();
                    (reader, files) = Open(path, log);
                    continue;
                }

                if (state.IsComplete)
                {
                    yield break;
                }

                await state.Changed.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            reader.Dispose();
        }
    }

    /// <summary>The file that is written to now, and its number.</summary>
    static (LogReader Reader, int Files) Open(string path, ContainerLog? log)
    {
        while (true)
        {
            var files = log?.State.Files ?? 0;
            var reader = new LogReader(path);
            if ((log?.State.Files ?? 0) == files)
            {
                return (reader, files);
            }

            reader.Dispose();
        }
    }

    static IEnumerable<PodLogLine> Choose(IEnumerable<PodLogLine> lines, PodLogQuery query)
    {
        var chosen = query.Since is { } since ? lines.Where(line => line.Time >= since) : lines;
        return query.TailLines is { } tail ? chosen.TakeLast((int)Math.Min(tail, int.MaxValue)) : chosen;
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
                : $"container \"{query.Container}\" in pod \"{query.Pod}\" is waiting to start: {Reason(query.WaitingReason)}");
    }

    // validateContainerLogStatus of the kubelet
    static string Reason(string? waiting) => waiting switch
    {
        null => "ContainerCreating",
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        _ => waiting,
    };

    static KubernetesApiException Refuse(string message) =>
        new(HttpStatusCode.BadRequest, new V1Status { Status = "Failure", Message = message, Reason = "BadRequest", Code = 400 });
}
