using System.Globalization;
using System.Text;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Operator.Status;

/// <summary>A cluster's state in plain text: for logs, pipes and scripts.</summary>
static class ClusterText
{
    static readonly string[] ConditionOrder = ["Ready", "Reconciling", "Stalled", "SlotsCovered", "ReplicasInSync", "Balanced", "QuorumSafe"];

    /// <summary>When True they say better than Ready what is going on.</summary>
    static readonly string[] TellingConditions = ["Stalled", "Reconciling"];

    /// <summary>What is asked for, in one line.</summary>
    public static string Headline(ClusterPicture picture)
    {
        var name = NamespacedName.Of(picture.Resource);
        var replicas = picture.Spec.ReplicasPerShard;
        var state = picture.IsDeleting ? ", being deleted" : picture.Spec.Paused ? ", paused" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {Count(picture.Spec.Shards, "shard")} with {Count(replicas, "replica")} each, {picture.Spec.Image}{state}");
    }

    /// <summary>How far it is, in one line: what changes from line to line while a cluster forms.</summary>
    public static string Progress(ClusterPicture picture)
    {
        var parts = new List<string> { Of("pods ready", picture.ReadyPods, picture.WantedPods) };
        if (!picture.IsRedisHidden)
        {
            parts.Add(Of("met", picture.NodesThatKnowAll, picture.WantedPods));
        }

        parts.Add(Of("slots", picture.Slots, ClusterPicture.AllSlots));
        if (!picture.IsRedisHidden && picture.WantedReplicas > 0)
        {
            parts.Add(Of("replicas in sync", picture.ReplicasInSync, picture.WantedReplicas));
        }

        if (Moves(picture) is { } moves)
        {
            parts.Add($"slots moved {moves}");
        }

        return $"{string.Join(", ", parts)}: {State(picture)}";
    }

    /// <summary>How far slots have moved, how fast, and how long it will take; null while none move.</summary>
    public static string? Moves(ClusterPicture picture) => picture.Moves switch
    {
        null => picture.SlotsToMove is { } left ? string.Create(CultureInfo.InvariantCulture, $"({left} left)") : null,
        { SlotsPerSecond: null } moves => Fraction(moves),
        { TimeLeft: { } left } moves => string.Create(CultureInfo.InvariantCulture, $"{Fraction(moves)}, {moves.SlotsPerSecond:0}/s, {Duration(left)} left"),
        var moves => $"{Fraction(moves)}, none moves at the moment",
    };

    /// <summary>What the operator says that it does or waits for.</summary>
    public static string State(ClusterPicture picture)
    {
        if (picture.IsReady)
        {
            return "ready";
        }

        if (picture.Resource.Status is null)
        {
            return "not looked at by the operator yet (is it running?)";
        }

        if (picture.Resource.Status.ObservedGeneration != picture.Resource.Metadata.Generation)
        {
            return "the operator has not looked at the last change yet";
        }

        foreach (var type in TellingConditions)
        {
            if (picture.Condition(type) is { Status: "True" } telling)
            {
                return Words(telling);
            }
        }

        return picture.Condition("Ready") is { } ready ? Words(ready) : "not ready";
    }

    /// <summary>The conditions, a line each, in the order in which they matter.</summary>
    public static IReadOnlyList<(V1Condition Condition, string Line)> Conditions(ClusterPicture picture)
    {
        var conditions = picture.Resource.Status?.Conditions ?? [];
        var width = conditions.Select(condition => condition.Type.Length).DefaultIfEmpty().Max();
        return
        [
            .. from condition in conditions
               orderby (uint)Array.IndexOf(ConditionOrder, condition.Type), condition.Type
               let value = condition.Status switch { "True" => "yes", "False" => "no", _ => "?" }
               select (condition, $"{condition.Type.PadRight(width)}  {value,-3}  {Words(condition)}".TrimEnd()),
        ];
    }

    /// <summary>Pods that Kubernetes cannot bring up, a line each.</summary>
    public static IReadOnlyList<string> Troubles(ClusterPicture picture) =>
        [.. from pod in picture.Pods where pod.Trouble is not null select $"{pod.Name}: {pod.Trouble}"];

    /// <summary>The table of shards.</summary>
    public static string Table(ClusterPicture picture)
    {
        List<IReadOnlyList<string>> lines = [ShardRow.Headings, .. ShardRow.BuildAll(picture).Select(row => row.Cells)];
        var widths = Enumerable.Range(0, ShardRow.Headings.Count).Select(column => lines.Max(line => line[column].Length)).ToList();
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            text.AppendLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return text.ToString();
    }

    /// <summary>Everything at once.</summary>
    public static string Full(ClusterPicture picture)
    {
        var text = new StringBuilder();
        text.AppendLine(Headline(picture)).AppendLine(Progress(picture)).AppendLine();
        foreach (var (_, line) in Conditions(picture))
        {
            text.Append("  ").AppendLine(line);
        }

        foreach (var trouble in Troubles(picture))
        {
            text.Append("  ").AppendLine(trouble);
        }

        text.AppendLine().Append(Table(picture));
        if (picture.IsRedisHidden)
        {
            text.AppendLine(NotReachable);
        }

        return text.ToString();
    }

    /// <summary>Why some cells are empty.</summary>
    public const string NotReachable = "No Redis node answers from here, so this is the operator's last report; keys, memory and links are unknown.";

    static string Words(V1Condition condition) => string.IsNullOrEmpty(condition.Message) ? condition.Reason ?? "" : condition.Message;

    static string Fraction(MoveProgress moves) => string.Create(CultureInfo.InvariantCulture, $"{moves.Moved}/{moves.Moved + moves.Remaining}");

    static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0} s"),
        { TotalMinutes: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalMinutes):0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.0} h"),
    };

    static string Of(string what, int have, int want) => string.Create(CultureInfo.InvariantCulture, $"{what} {have}/{want}");

    static string Count(int count, string what) =>
        count == 1 ? $"1 {what}" : string.Create(CultureInfo.InvariantCulture, $"{(count == 0 ? "no" : count)} {what}s");
}
