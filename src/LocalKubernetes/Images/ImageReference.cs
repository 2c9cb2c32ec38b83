using System.Text.RegularExpressions;

namespace Slotwise.LocalKubernetes.Images;

/// <summary>An image's name, taken apart: <c>docker.io/library/redis:7.0</c> and <c>redis:7.0</c> are the same image.</summary>
/// <param name="Repository">In full: <c>docker.io/library/redis</c>.</param>
/// <param name="Tag"><c>latest</c> when none is given.</param>
public sealed partial record ImageReference(string Repository, string Tag)
{
    const string DefaultRegistry = "docker.io";

    /// <summary>Whether a text is an image's name at all (github.com/distribution/reference).</summary>
    public static bool IsWellFormed(string text) => WellFormed().IsMatch(text);

    [GeneratedRegex(@"^([a-zA-Z0-9][a-zA-Z0-9.-]*(:[0-9]+)?/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$")]
    private static partial Regex WellFormed();

    /// <exception cref="FormatException">The text is not an image's name.</exception>
    public static ImageReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var name = text;
        var digest = name.IndexOf('@', StringComparison.Ordinal);
        if (digest >= 0)
        {
            name = name[..digest];
        }

        var tag = "latest";
        var colon = name.LastIndexOf(':');
        if (colon > name.LastIndexOf('/'))
        {
            tag = name[(colon + 1)..];
            name = name[..colon];
        }

        if (name.Length == 0 || tag.Length == 0 || name.Any(c => char.IsWhiteSpace(c) || char.IsUpper(c)) || name.Split('/').Any(part => part.Length == 0))
        {
            throw new FormatException($"\"{text}\" is not an image name such as redis:7.0");
        }

        var first = name.Split('/')[0];
        var hasRegistry = name.Contains('/', StringComparison.Ordinal)
            && (first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost");
        if (!hasRegistry)
        {
            name = name.Contains('/', StringComparison.Ordinal) ? $"{DefaultRegistry}/{name}" : $"{DefaultRegistry}/library/{name}";
        }

        return new ImageReference(name, tag);
    }

    public override string ToString() => $"{Repository}:{Tag}";
}
