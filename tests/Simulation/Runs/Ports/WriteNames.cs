using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Slotwise.Redis;
using Slotwise.Simulation.Redis.Clients;

namespace Slotwise.Simulation.Runs.Ports;

/// <summary>Names writes by what they do and what for, without what differs from run to run: no names of pods, no numbers.</summary>
public static class WriteNames
{
    static readonly ConditionalWeakTable<RedisCommand, string> Steps = [];

    /// <summary>Remembers which step sends a command, as the server that gets it does not know.</summary>
    public static void Note(IReadOnlyList<RedisCommand> commands)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var step = CurrentStep.Name;
        foreach (var command in commands.Where(CommandKinds.IsWrite))
        {
            Steps.AddOrUpdate(command, step);
        }
    }

    /// <summary>A command that reached a server.</summary>
    public static string Of(RedisCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var step = Steps.TryGetValue(command, out var noted) ? noted : CurrentStep.Name;
        return $"{step}: {Words(command)}";
    }

    /// <summary>A request to the API server.</summary>
    /// <param name="verb">What is done.</param>
    /// <param name="kind">To what kind of object.</param>
    /// <param name="subresource">Which part of it; null for the object itself.</param>
    /// <param name="patch">What is changed, where that tells purposes apart.</param>
    public static string Of(string verb, string kind, string? subresource, JsonObject? patch) =>
        $"{CurrentStep.Name}: {verb} {kind}{(subresource is null ? "" : "/" + subresource)}{Changes(patch)}";

    static string Words(RedisCommand command) => command.Name switch
    {
        "CLUSTER SETSLOT" => $"{command.Name} {command.ArgumentText(3).ToUpperInvariant()}",
        "CLUSTER FAILOVER" => $"{command.Name} {command.ArgumentText(2).ToUpperInvariant()}".TrimEnd(),
        "CLUSTER MIGRATION" => $"{command.Name} {command.ArgumentText(2).ToUpperInvariant()}",
        "CONFIG SET" => $"{command.Name} {command.ArgumentText(2)}",
        var name => name,
    };

    static string Changes(JsonObject? patch)
    {
        if (patch is null)
        {
            return "";
        }

        var notes = (patch["metadata"]?["annotations"] as JsonObject)?.Select(note => (note.Value is null ? "-" : "+") + note.Key[(note.Key.IndexOf('/', StringComparison.Ordinal) + 1)..]) ?? [];
        var spec = (patch["spec"] as JsonObject)?.Select(field => field.Key) ?? [];
        var changes = string.Join(' ', notes.Concat(spec).Order(StringComparer.Ordinal));
        return changes.Length == 0 ? "" : $" ({changes})";
    }
}
