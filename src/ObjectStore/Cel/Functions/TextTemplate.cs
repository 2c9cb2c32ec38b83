using System.Globalization;
using System.Text;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Functions;

/// <summary><c>'%s has %d'.format([x, y])</c>, and texts in quotes.</summary>
static class TextTemplate
{
    public static object Fill(string template, CelList values)
    {
        var result = new StringBuilder();
        var next = 0;
        for (var at = 0; at < template.Length; at++)
        {
            if (template[at] != '%')
            {
                result.Append(template[at]);
                continue;
            }

            if (++at == template.Length)
            {
                return new CelError("unexpected end of string");
            }

            if (template[at] == '%')
            {
                result.Append('%');
                continue;
            }

            var precision = 6;
            if (template[at] == '.')
            {
                var start = ++at;
                while (at < template.Length && char.IsAsciiDigit(template[at]))
                {
                    at++;
                }

                if (at == template.Length || !int.TryParse(template.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out precision) || precision > 100)
                {
                    return new CelError("error while parsing precision");
                }
            }

            if (next == values.Count)
            {
                return new CelError(string.Create(CultureInfo.InvariantCulture, $"index {next} out of range"));
            }

            var written = Write(template[at], precision, values[next++]);
            if (written is CelError)
            {
                return written;
            }

            result.Append(written);
        }

        return result.ToString();
    }

    public static object Quote(string text) => $"\"{Escaped(text)}\"";

    static object Write(char clause, int precision, object value) => (clause, value) switch
    {
        ('s', _) => Text(value),
        ('d', long or ulong) => Conversion.Show(value),
        ('f', double number) => number.ToString($"F{precision}", CultureInfo.InvariantCulture),
        ('e', double number) => Exponent(number, precision),
        ('b', long number) => Convert.ToString(number, 2),
        ('b', ulong number) => number.ToString("b", CultureInfo.InvariantCulture),
        ('b', bool flag) => flag ? "1" : "0",
        ('o', long number) => Convert.ToString(number, 8),
        ('x', long number) => number.ToString("x", CultureInfo.InvariantCulture),
        ('X', long number) => number.ToString("X", CultureInfo.InvariantCulture),
        ('x', ulong number) => number.ToString("x", CultureInfo.InvariantCulture),
        ('X', ulong number) => number.ToString("X", CultureInfo.InvariantCulture),
        ('x', string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)),
        ('X', string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text)),
        ('x', CelBytes bytes) => Convert.ToHexStringLower(bytes.Content),
        ('X', CelBytes bytes) => Convert.ToHexString(bytes.Content),
        ('d' or 'f' or 'e' or 'b' or 'o' or 'x' or 'X', _) => new CelError($"error during formatting: clause '{clause}' does not take a {TypeOfValue.Of(value)}"),
        _ => new CelError($"could not parse formatting clause: unrecognized formatting clause \"{clause}\""),
    };

    static string Exponent(double number, int precision)
    {
        var text = number.ToString($"e{precision}", CultureInfo.InvariantCulture);
        var at = text.IndexOf('e', StringComparison.Ordinal);
        return $"{text[..(at + 2)]}{int.Parse(text.AsSpan(at + 2), CultureInfo.InvariantCulture):00}";
    }

    static string Text(object value) => value switch
    {
        CelList list => $"[{string.Join(", ", list.Select(Inner))}]",
        CelMap map => $"{{{string.Join(", ", map.Keys.Select(key => $"{Inner(key)}:{Inner(map.Find(key)!)}").Order(StringComparer.Ordinal))}}}",
        _ => Conversion.Show(value),
    };

    /// <summary>A value that is part of another shows what it is.</summary>
    static string Inner(object value) => value switch
    {
        string text => $"\"{Escaped(text)}\"",
        CelBytes => $"b\"{Conversion.Show(value)}\"",
        TimeSpan => $"duration(\"{Conversion.Show(value)}\")",
        DateTimeOffset => $"timestamp(\"{Conversion.Show(value)}\")",
        double number => number.ToString("F6", CultureInfo.InvariantCulture),
        _ => Text(value),
    };

    static string Escaped(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.Value switch
    {
        '\a' => "\\a",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\v' => "\\v",
        '\\' => "\\\\",
        '"' => "\\\"",
        _ => rune.ToString(),
    }));
}
