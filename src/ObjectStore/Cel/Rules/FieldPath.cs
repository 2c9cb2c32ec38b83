using System.Text.RegularExpressions;

namespace Slotwise.ObjectStore.Cel.Rules;

/// <summary>The <c>fieldPath</c> of a rule: fields and keys of maps, such as <c>.spec['a key'].size</c>; no elements of lists.</summary>
static partial class FieldPath
{
    /// <summary>The path as errors show it, if the schema has such a field.</summary>
    public static bool TryRead(string path, Schema schema, out string shown, out Schema found)
    {
        shown = "";
        found = schema;
        var parts = Parts().Match(path);
        if (!parts.Success || path.Length == 0)
        {
            return false;
        }

        foreach (Capture part in parts.Groups["part"].Captures)
        {
            var name = part.Value[0] == '.' ? part.Value[1..] : Regex.Unescape(part.Value[2..^2]);
            if (found.Properties.TryGetValue(name, out var property))
            {
                shown += shown.Length == 0 ? name : $".{name}";
                found = property;
            }
            else if (found.Properties.Count == 0 && found.AdditionalProperties is { } values)
            {
                shown += $"[{name}]";
                found = values;
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    [GeneratedRegex(@"^(?<part>\.[^.\[\]]+|\['([^'\\]|\\.)*'\])+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Parts();
}
