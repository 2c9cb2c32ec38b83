using System.Text.RegularExpressions;

namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>
/// The faults of built-in kinds in their own words: Kubernetes checks those by hand (<c>pkg/apis/*/validation</c>), where custom kinds are checked
/// by their schema.
/// </summary>
static partial class HandWrittenRules
{
    public static FieldError Reworded(FieldError error)
    {
        if (AtLeast.Match(error.Detail) is { Success: true } least)
        {
            var bound = least.Groups["bound"].Value;
            var isPort = error.Path.EndsWith("ort", StringComparison.Ordinal);
            return error with { Detail = least.Groups["value"].Value + (isPort ? "must be between 1 and 65535, inclusive" : bound == "1" ? "must be greater than 0" : $"must be greater than or equal to {bound}") };
        }

        if (AtMost.Match(error.Detail) is { Success: true } most)
        {
            return error with { Detail = most.Groups["value"].Value + (most.Groups["bound"].Value == "65535" ? "must be between 1 and 65535, inclusive" : $"must be less than or equal to {most.Groups["bound"].Value}") };
        }

        if (SameName.Match(error.Detail) is { Success: true } same)
        {
            return error with { Path = $"{error.Path}.name", Detail = $"Duplicate value: {same.Groups["name"].Value}" };
        }

        return TooFew.IsMatch(error.Detail) ? FieldError.Required(error.Path) : error;
    }

    [GeneratedRegex(@"^(?<value>Invalid value: .*: )\S+ in body should be greater than or equal to (?<bound>-?\d+)$", RegexOptions.CultureInvariant)]
    static partial Regex AtLeast { get; }

    [GeneratedRegex(@"^(?<value>Invalid value: .*: )\S+ in body should be less than or equal to (?<bound>-?\d+)$", RegexOptions.CultureInvariant)]
    static partial Regex AtMost { get; }

    [GeneratedRegex("""^Duplicate value: \{"name":(?<name>"[^"]*")\}$""", RegexOptions.CultureInvariant)]
    static partial Regex SameName { get; }

    [GeneratedRegex(@"in body should have at least 1 items$", RegexOptions.CultureInvariant)]
    static partial Regex TooFew { get; }
}
