using System.Globalization;
using System.Text.Json.Nodes;
using Slotwise.ObjectStore.Objects;

namespace Slotwise.LocalKubernetes.Api.Tables;

/// <summary>The columns of pods; the rules of their status are those of <c>printPod</c>.</summary>
static class PodColumns
{
    public static readonly TableColumn[] All =
    [
        new("Ready", "string", (pod, _) => $"{Statuses(pod).Count(status => status.Flag("ready") == true)}/{pod.Object("spec").Array("containers")?.Count ?? 0}"),
        new("Status", "string", (pod, _) => Status(pod)),
        new("Restarts", "string", (pod, now) => Restarts(pod, now)),
        new("Age", "string", (pod, now) => HumanDuration.Since(pod.At("metadata.creationTimestamp").AsText(), now)),
        new("IP", "string", (pod, _) => Or(pod.At("status.podIP").AsText()), 1),
        new("Node", "string", (pod, _) => Or(pod.At("spec.nodeName").AsText()), 1),
        new("Nominated Node", "string", (pod, _) => Or(pod.At("status.nominatedNodeName").AsText()), 1),
        new("Readiness Gates", "string", (_, _) => "<none>", 1),
    ];

    static string Status(JsonObject pod)
    {
        var status = pod.Object("status");
        var reason = status.Text("reason") is { Length: > 0 } given ? given : status.Text("phase") ?? "Unknown";
        var (initializing, initReason) = Initializing(pod);
        if (initializing)
        {
            reason = initReason;
        }
        else
        {
            var running = false;
            foreach (var container in Statuses(pod).AsEnumerable().Reverse())
            {
                reason = ReasonOf(container) ?? reason;
                running |= container.Flag("ready") == true && container.Object("state").Object("running") is not null;
            }

            // One container ended well while another still runs.
            if (reason == "Completed" && running)
            {
                reason = IsReady(status) ? "Running" : "NotReady";
            }
        }

        return Meta.IsDeleting(pod) ? status.Text("reason") == "NodeLost" ? "Unknown" : "Terminating" : reason;
    }

    static (bool Initializing, string Reason) Initializing(JsonObject pod)
    {
        var containers = (pod.Object("status").Array("initContainerStatuses") ?? []).OfType<JsonObject>().ToList();
        var total = pod.Object("spec").Array("initContainers")?.Count ?? 0;
        for (var i = 0; i < containers.Count; i++)
        {
            var state = containers[i].Object("state");
            if (state.Object("terminated") is { } ended && ended.Number("exitCode") == 0)
            {
                continue;
            }

            if (state.Object("terminated") is not null || state.Object("waiting").Text("reason") is { Length: > 0 } and not "PodInitializing")
            {
                return (true, $"Init:{ReasonOf(containers[i])}");
            }

            return (true, $"Init:{i}/{total}");
        }

        return (false, "");
    }

    static string? ReasonOf(JsonObject container)
    {
        var state = container.Object("state");
        if (state.Object("waiting").Text("reason") is { Length: > 0 } waiting)
        {
            return waiting;
        }

        if (state.Object("terminated") is not { } ended)
        {
            return null;
        }

        return ended.Text("reason") is { Length: > 0 } reason
            ? reason
            : ended.Number("signal") is { } signal and not 0 ? $"Signal:{signal}" : $"ExitCode:{ended.Number("exitCode")}";
    }

    static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        var statuses = Statuses(pod);
        var count = statuses.Sum(status => status.Number("restartCount") ?? 0);
        var last = statuses.Select(status => status.Object("lastState").Object("terminated").Text("finishedAt")).OfType<string>().Order(StringComparer.Ordinal).LastOrDefault();
        return count == 0 || last is null ? count.ToString(CultureInfo.InvariantCulture) : $"{count} ({HumanDuration.Since(last, now)} ago)";
    }

    static bool IsReady(JsonObject? status) =>
        (status.Array("conditions") ?? []).OfType<JsonObject>().Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True");

    static List<JsonObject> Statuses(JsonObject pod) => [.. (pod.Object("status").Array("containerStatuses") ?? []).OfType<JsonObject>()];

    static string Or(string? text) => string.IsNullOrEmpty(text) ? "<none>" : text;
}
