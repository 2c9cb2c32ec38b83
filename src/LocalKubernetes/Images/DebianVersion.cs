using System.Text.RegularExpressions;

namespace Slotwise.LocalKubernetes.Images;

/// <summary>What a package's version says about the program in it.</summary>
public static partial class DebianVersion
{
    /// <summary>The program's own version: <c>5:7.0.15-1~deb12u10</c> is 7.0.15.</summary>
    public static string Upstream(string version)
    {
        ArgumentNullException.ThrowIfNull(version);
        var epoch = version.IndexOf(':', StringComparison.Ordinal);
        var rest = version[(epoch + 1)..];
        return LeadingNumbers().Match(rest).Value;
    }

    /// <summary>The tags that people use for a version, the longest first: 7.0.15, 7.0, 7.</summary>
    public static IReadOnlyList<string> Tags(string upstream)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        var parts = upstream.Split('.');
        return [.. Enumerable.Range(0, parts.Length).Select(i => string.Join('.', parts[..(parts.Length - i)]))];
    }

    [GeneratedRegex(@"^\d+(\.\d+)*")]
    private static partial Regex LeadingNumbers();
}
