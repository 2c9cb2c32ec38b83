using Slotwise.Kubernetes.Models;

namespace Slotwise.Reconcilers.Resources;

/// <summary>The directives that stand in a pod template because no server takes them while it runs.</summary>
public static class FixedConfig
{
    const string ByDefault = "# by default: ";

    /// <summary>The directives of a template, with null for one that was set once and is left to the server again.</summary>
    public static IReadOnlyList<(string Name, string? Value)> Parse(V1PodTemplateSpec? template)
    {
        var text = template is null ? null : PodTemplates.RedisOf(template)?.Env?.FirstOrDefault(variable => variable.Name == PodTemplates.FixedConfigVariable)?.Value;
        return
        [
            .. from line in (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)
               select line.StartsWith(ByDefault, StringComparison.Ordinal) ? (line[ByDefault.Length..], null)
                   : line.Split(' ', 2) is [var name, var value] ? (name, (string?)value)
                   : (line, ""),
        ];
    }

    /// <summary>The lines for them, in an order that does not depend on when they came.</summary>
    public static string Write(IEnumerable<(string Name, string? Value)> directives) =>
        string.Join('\n', directives.Select(directive => directive.Value is { } value ? $"{directive.Name} {value}" : ByDefault + directive.Name).Order(StringComparer.Ordinal));
}
