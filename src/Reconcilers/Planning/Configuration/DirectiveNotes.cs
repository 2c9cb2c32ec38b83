using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slotwise.Reconcilers.Planning.Configuration;

/// <summary>
/// What was learnt from the servers about directives, as it is noted on the ConfigMap: which of them are live is asked of the servers and not listed here.
/// </summary>
/// <param name="Fixed">Directives that a server takes only when it starts.</param>
/// <param name="Removed">Directives that were taken back when nobody knew any more what they are by default: only a start tells.</param>
/// <param name="Defaults">What directives were before the user set them, hence will be again.</param>
/// <param name="Readings">How servers say a value that they were given in other words.</param>
public sealed record DirectiveNotes(
    IReadOnlyCollection<string> Fixed,
    IReadOnlyCollection<string> Removed,
    IReadOnlyDictionary<string, string> Defaults,
    IReadOnlyDictionary<string, DirectiveReading> Readings)
{
    public static readonly DirectiveNotes None = new(
        [],
        [],
        new SortedDictionary<string, string>(StringComparer.Ordinal),
        new SortedDictionary<string, DirectiveReading>(StringComparer.Ordinal));

    /// <summary>Reads the notes; none where there are none that can be read.</summary>
    public static DirectiveNotes Parse(string? text)
    {
        try
        {
            return JsonNode.Parse(text ?? "{}") is not JsonObject notes ? None : new DirectiveNotes(
                Names(notes["fixed"]),
                Names(notes["removed"]),
                Map(notes["defaults"], value => value!.GetValue<string>()),
                Map(notes["readings"], value => new DirectiveReading(value!["value"]!.GetValue<string>(), value["reading"]!.GetValue<string>())));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            return None;
        }
    }

    public override string ToString() => new JsonObject
    {
        ["fixed"] = new JsonArray([.. Fixed.Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]),
        ["removed"] = new JsonArray([.. Removed.Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]),
        ["defaults"] = new JsonObject(Defaults.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))),
        ["readings"] = new JsonObject(Readings.Select(entry =>
            KeyValuePair.Create(entry.Key, (JsonNode?)new JsonObject { ["value"] = entry.Value.Value, ["reading"] = entry.Value.Reading }))),
    }.ToJsonString();

    /// <summary>These notes and one more directive that no server takes while it runs.</summary>
    public DirectiveNotes WithFixed(string name) => this with { Fixed = [.. Fixed.Append(name).Distinct()] };

    /// <summary>These notes and more directives that were taken back.</summary>
    public DirectiveNotes WithRemoved(IEnumerable<string> names) => this with { Removed = [.. Removed.Concat(names).Distinct()] };

    /// <summary>These notes and what a directive is before it is set for the first time.</summary>
    public DirectiveNotes WithDefault(string name, string value) =>
        this with { Defaults = new SortedDictionary<string, string>(Defaults.ToDictionary(), StringComparer.Ordinal) { [name] = value } };

    /// <summary>These notes and how servers say a value.</summary>
    public DirectiveNotes WithReading(string name, DirectiveReading reading) =>
        this with { Readings = new SortedDictionary<string, DirectiveReading>(Readings.ToDictionary(), StringComparer.Ordinal) { [name] = reading } };

    static string[] Names(JsonNode? node) => node is JsonArray names ? [.. names.Select(name => name!.GetValue<string>())] : [];

    static SortedDictionary<string, T> Map<T>(JsonNode? node, Func<JsonNode?, T> read) =>
        new(node is JsonObject entries ? entries.ToDictionary(entry => entry.Key, entry => read(entry.Value)) : [], StringComparer.Ordinal);
}

/// <summary>A value of a directive, and the words in which servers repeat it.</summary>
public sealed record DirectiveReading(string Value, string Reading);
