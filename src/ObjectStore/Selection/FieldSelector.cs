namespace Slotwise.ObjectStore.Selection;

/// <summary>A field selector in its text form: <c>metadata.name=a,status.phase!=Running</c>. Every kind knows which fields it can be selected by.</summary>
public sealed class FieldSelector
{
    public static readonly FieldSelector Everything = new([]);

    readonly IReadOnlyList<(string Path, bool Equal, string Value)> _terms;

    FieldSelector(IReadOnlyList<(string Path, bool Equal, string Value)> terms) => _terms = terms;

    /// <summary>The one name that can match, when the selector says so.</summary>
    public string? Name => _terms.Where(term => term is { Path: "metadata.name", Equal: true }).Select(term => term.Value).FirstOrDefault();

    /// <exception cref="KubernetesApiException">400: no selector, or a field that the kind cannot be selected by.</exception>
    public static FieldSelector Parse(ResourceKind kind, string? text)
    {
        ArgumentNullException.ThrowIfNull(kind);
        if (string.IsNullOrWhiteSpace(text))
        {
            return Everything;
        }

        var terms = new List<(string, bool, string)>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw ApiError.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            }

            var negated = part[equals - 1] == '!';
            var path = part[..(negated ? equals - 1 : equals)].Trim();
            var value = part[(equals + 1)..].TrimStart('=').Trim();
            if (path is not ("metadata.name" or "metadata.namespace") && !kind.SelectableFields.Contains(path))
            {
                throw ApiError.BadRequest(kind.SelectableFields.Count > 0
                    ? $"field label not supported: {path}"
                    : $"\"{path}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
            }

            terms.Add((path, !negated, value));
        }

        return new FieldSelector(terms);
    }

    public bool Matches(JsonObject obj)
    {
        foreach (var (path, equal, value) in _terms)
        {
            if (TextAt(obj, path) == value != equal)
            {
                return false;
            }
        }

        return true;
    }

    static string TextAt(JsonObject obj, string path)
    {
        var node = obj.At(path);
        return node.AsText() ?? node?.ToJsonString() ?? "";
    }
}
