using System.Globalization;
using System.Text.Json.Nodes;

namespace Slotwise.LocalKubernetes.Api.Tables;

/// <summary>
/// The JSONPath that printer columns use: <c>.a.b</c>, <c>.a\.b</c>, <c>['a.b']</c>, <c>[0]</c>, <c>[-1]</c>, <c>[*]</c>, and
/// <c>[?(@.type=="Ready")]</c> with <c>==</c> and <c>!=</c>.
/// </summary>
public sealed class JsonPath
{
    readonly List<Func<JsonNode, IEnumerable<JsonNode?>>> _steps = [];

    /// <exception cref="FormatException">The text is no such path.</exception>
    public JsonPath(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var path = text.Trim();
        if (path.StartsWith('{') && path.EndsWith('}'))
        {
            path = path[1..^1];
        }

        var at = path.StartsWith('$') || path.StartsWith('@') ? 1 : 0;
        while (at < path.Length)
        {
            at = path[at] switch
            {
                '.' => ReadField(path, at + 1),
                '[' => ReadBracket(path, at + 1),
                _ when at == 0 => ReadField(path, 0),
                _ => throw new FormatException($"\"{text}\" is no JSONPath that this server knows, at character {at + 1}"),
            };
        }
    }

    public IEnumerable<JsonNode> Find(JsonNode root)
    {
        IEnumerable<JsonNode> found = [root];
        foreach (var step in _steps)
        {
            found = found.SelectMany(step).OfType<JsonNode>();
        }

        return found;
    }

    int ReadField(string path, int at)
    {
        var name = new System.Text.StringBuilder();
        while (at < path.Length && path[at] is not ('.' or '['))
        {
            if (path[at] == '\\' && at + 1 < path.Length)
            {
                at++;
            }

            name.Append(path[at++]);
        }

        if (name.Length > 0)
        {
            AddField(name.ToString());
        }

        return at;
    }

    int ReadBracket(string path, int at)
    {
        var end = path.IndexOf(']', at);
        if (at < path.Length && path[at] is '\'' or '"')
        {
            var close = path.IndexOf(path[at], at + 1);
            end = close < 0 ? -1 : path.IndexOf(']', close);
        }
        else if (path.AsSpan(at).StartsWith("?("))
        {
            var close = path.IndexOf(")]", at, StringComparison.Ordinal);
            end = close < 0 ? -1 : close + 1;
        }

        if (end < 0)
        {
            throw new FormatException($"\"{path}\" has no closing bracket");
        }

        AddBracket(path[at..end]);
        return end + 1;
    }

    void AddBracket(string inside)
    {
        if (inside == "*")
        {
            _steps.Add(node => node switch { JsonArray array => array, JsonObject obj => obj.Select(member => member.Value), _ => [] });
        }
        else if (inside.StartsWith("?(", StringComparison.Ordinal))
        {
            var filter = Filter.Parse(inside[2..^1]);
            _steps.Add(node => node is JsonArray array ? array.Where(filter.Matches) : []);
        }
        else if (int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            _steps.Add(node => node is JsonArray array && (index < 0 ? array.Count + index : index) is var i && i >= 0 && i < array.Count ? [array[i]] : []);
        }
        else
        {
            AddField(inside.Trim('\'', '"'));
        }
    }

    void AddField(string name) => _steps.Add(node => node is JsonObject obj ? [obj[name]] : []);

    sealed record Filter(JsonPath Path, bool Equal, JsonNode? Value)
    {
        public static Filter Parse(string text)
        {
            foreach (var op in (string[])["==", "!="])
            {
                var at = text.IndexOf(op, StringComparison.Ordinal);
                if (at > 0)
                {
                    var literal = text[(at + 2)..].Trim();
                    var value = literal.StartsWith('\'') ? JsonValue.Create(literal.Trim('\'')) : JsonNode.Parse(literal);
                    return new Filter(new JsonPath(text[..at].Trim()), op == "==", value);
                }
            }

            throw new FormatException($"\"{text}\" is no filter that this server knows");
        }

        public bool Matches(JsonNode? item) =>
            item is not null && Path.Find(item).Any(found => JsonNode.DeepEquals(found, Value)) == Equal;
    }
}
