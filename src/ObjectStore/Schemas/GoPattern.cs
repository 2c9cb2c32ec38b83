using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Slotwise.ObjectStore.Schemas;

/// <summary>
/// Regular expressions in the syntax of RE2, which Kubernetes speaks. The time that a match takes grows with the text and no faster, as with RE2:
/// whoever may write a pattern may not stop the server with it.
/// </summary>
static class GoPattern
{
    const int MaxKept = 1024;

    static readonly ConcurrentDictionary<string, (Regex? Regex, string Fault)> Known = new();

    public static bool TryRead(string pattern, [NotNullWhen(true)] out Regex? regex, out string fault)
    {
        if (!Known.TryGetValue(pattern, out var read))
        {
            if (Known.Count >= MaxKept)
            {
                Known.Clear();
            }

            read = Known[pattern] = Read(pattern);
        }

        (regex, fault) = read;
        return regex is not null;
    }

    static (Regex?, string) Read(string pattern)
    {
        try
        {
            return (Build(Translate(pattern)), "");
        }
        catch (NotSupportedException)
        {
            return (null, $"invalid or unsupported Perl syntax: `{(Unknown(pattern) is { } part ? part : pattern)}`");
        }
        catch (ArgumentException e)
        {
            return (null, e is RegexParseException parse ? Fault(parse, pattern) : e.Message);
        }
    }

    static Regex Build(string translated)
    {
        try
        {
            return new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException) when (Unknown(translated) is null)
        {
            // Repetitions that are too many for it, and few enough for RE2.
            return new Regex(translated, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>A construct that RE2 has not.</summary>
    static string? Unknown(string pattern) => ((string[])["(?=", "(?!", "(?<=", "(?<!", "(?>", "(?("]).FirstOrDefault(part => pattern.Contains(part, StringComparison.Ordinal));

    static string Fault(RegexParseException e, string pattern) => e.Error switch
    {
        RegexParseError.UnterminatedBracket => $"missing closing ]: `{pattern[Math.Max(0, pattern.LastIndexOf('[', Math.Max(0, pattern.Length - 1)))..]}`",
        RegexParseError.InsufficientClosingParentheses => $"missing closing ): `{pattern}`",
        RegexParseError.InsufficientOpeningParentheses => $"unexpected ): `{pattern}`",
        RegexParseError.QuantifierAfterNothing => $"missing argument to repetition operator: `{pattern[Math.Clamp(e.Offset - 1, 0, pattern.Length - 1)]}`",
        RegexParseError.UnescapedEndingBackslash => "trailing backslash at end of expression: ``",
        RegexParseError.ReversedCharacterRange => $"invalid character class range: `{pattern}`",
        _ => $"invalid or unsupported Perl syntax: `{pattern}`",
    };

    /// <summary>
    /// What means something else to .NET: the end of the text (its <c>$</c> also stands before a last line break), classes, which are of ASCII
    /// letters alone, names of groups, and the classes of POSIX.
    /// </summary>
    static string Translate(string pattern)
    {
        var result = new StringBuilder();
        var inClass = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            var rest = pattern.AsSpan(at);
            if (rest[0] == '\\' && rest.Length > 1)
            {
                result.Append(Escape(pattern, ref at, inClass));
            }
            else if (inClass && rest.StartsWith("[:") && rest.IndexOf(":]") is > 0 and var end)
            {
                result.Append(Posix(rest[2..end].ToString()));
                at += end + 1;
            }
            else if (rest[0] == '[')
            {
                // A bracket that stands first in a class is one of its members.
                result.Append(inClass ? "\\[" : "[");
                if (!inClass && rest.Length > 1)
                {
                    var negated = rest[1] == '^' ? 1 : 0;
                    result.Append('^', negated);
                    at += negated;
                    if (at + 1 < pattern.Length && pattern[at + 1] == ']')
                    {
                        result.Append("\\]");
                        at++;
                    }
                }

                inClass = true;
            }
            else if (rest[0] == ']' && inClass)
            {
                inClass = false;
                result.Append(']');
            }
            else if (!inClass && rest.StartsWith("(?P<"))
            {
                result.Append("(?<");
                at += 3;
            }
            else
            {
                result.Append(rest[0] == '$' && !inClass ? "\\z" : rest[0].ToString());
            }
        }

        return result.ToString();
    }

    static string Escape(string pattern, ref int at, bool inClass)
    {
        var letter = pattern[++at];
        switch (letter)
        {
            case 'd':
                return inClass ? "0-9" : "[0-9]";
            case 'D' when !inClass:
                return "[^0-9]";
            case 'w':
                return inClass ? "0-9A-Za-z_" : "[0-9A-Za-z_]";
            case 'W' when !inClass:
                return "[^0-9A-Za-z_]";
            case 's':
                return inClass ? "\\t\\n\\f\\r " : "[\\t\\n\\f\\r ]";
            case 'S' when !inClass:
                return "[^\\t\\n\\f\\r ]";
            case 'Q':
                var end = pattern.IndexOf("\\E", at, StringComparison.Ordinal);
                var literal = end < 0 ? pattern[(at + 1)..] : pattern[(at + 1)..end];
                at = end < 0 ? pattern.Length : end + 1;
                return Regex.Escape(literal);
            case 'x' when at + 1 < pattern.Length && pattern[at + 1] == '{':
                var close = pattern.IndexOf('}', at);
                if (close < 0 || !int.TryParse(pattern.AsSpan(at + 2, close - at - 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code) || !Rune.IsValid(code))
                {
                    throw new NotSupportedException(pattern);
                }

                at = close;
                return Regex.Escape(new Rune(code).ToString());
            case 'p' or 'P' when at + 1 < pattern.Length && pattern[at + 1] != '{':
                return $"\\{letter}{{{pattern[++at]}}}";
            case >= '1' and <= '9' or 'k' or 'G' or 'Z':
                throw new NotSupportedException(pattern);
            default:
                return $"\\{letter}";
        }
    }

    static string Posix(string name) => name switch
    {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => "\\x00-\\x7F",
        "blank" => "\\t ",
        "cntrl" => "\\x00-\\x1F\\x7F",
        "digit" => "0-9",
        "graph" => "!-~",
        "lower" => "a-z",
        "print" => " -~",
        "punct" => "!-/:-@\\[-`{-~",
        "space" => "\\t\\n\\v\\f\\r ",
        "upper" => "A-Z",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => throw new NotSupportedException(name),
    };
}
