using System.Globalization;
using System.Text;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Syntax;

/// <summary>Literals of strings and bytes, raw and triple-quoted ones too.</summary>
static class TextLiteral
{
    /// <summary>Whether a literal begins here; what it stands for and how long it is.</summary>
    /// <exception cref="SyntaxException">It begins and does not end, or has an escape that there is not.</exception>
    public static bool TryRead(string source, int start, out object value, out int length)
    {
        var at = start;
        var (isRaw, isBytes) = (false, false);
        while (at < source.Length && source[at] is 'r' or 'R' or 'b' or 'B' && at - start < 2)
        {
            isRaw |= source[at] is 'r' or 'R';
            isBytes |= source[at] is 'b' or 'B';
            at++;
        }

        (value, length) = ("", 0);
        if (at == source.Length || source[at] is not ('"' or '\''))
        {
            return false;
        }

        var quote = source.AsSpan(at).StartsWith("\"\"\"") || source.AsSpan(at).StartsWith("'''") ? source.Substring(at, 3) : source.Substring(at, 1);
        at += quote.Length;
        var end = EndOf(source, start, at, quote, isRaw);
        var text = source[at..end];
        length = end + quote.Length - start;
        value = (isBytes, isRaw) switch
        {
            (true, true) => new CelBytes(Encoding.UTF8.GetBytes(text)),
            (true, false) => new CelBytes(UnescapeBytes(text, at)),
            (false, true) => text,
            _ => UnescapeText(text, at),
        };
        return true;
    }

    static int EndOf(string source, int start, int from, string quote, bool isRaw)
    {
        for (var at = from; at < source.Length; at++)
        {
            if (source.AsSpan(at).StartsWith(quote))
            {
                return at;
            }

            if (quote.Length == 1 && source[at] is '\n' or '\r')
            {
                break;
            }

            if (source[at] == '\\' && !isRaw)
            {
                at++;
            }
        }

        throw new SyntaxException(start, $"token recognition error at: '{source[start..]}'");
    }

    static string UnescapeText(string text, int position)
    {
        var result = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '\\')
            {
                result.Append(text[at++]);
                continue;
            }

            var (code, _) = Escape(text, ref at, position);
            result.Append(Rune.TryCreate(code, out var rune) ? rune.ToString() : throw new SyntaxException(position + at, "invalid unicode code point"));
        }

        return result.ToString();
    }

    static byte[] UnescapeBytes(string text, int position)
    {
        var result = new List<byte>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '\\')
            {
                var rune = Rune.GetRuneAt(text, at);
                result.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
                at += rune.Utf16SequenceLength;
                continue;
            }

            var (code, isPoint) = Escape(text, ref at, position);
            result.AddRange(isPoint ? Encoding.UTF8.GetBytes(new Rune(code).ToString()) : [(byte)code]);
        }

        return [.. result];
    }

    /// <summary>The value of an escape; in bytes, <c>\x</c> and octal ones are a byte, <c>\u</c> ones a code point.</summary>
    static (int Code, bool IsPoint) Escape(string text, ref int at, int position)
    {
        var letter = text[at + 1];
        if ("abfnrtv\\?\"'`".IndexOf(letter, StringComparison.Ordinal) is >= 0 and var simple)
        {
            at += 2;
            return ("\a\b\f\n\r\t\v\\?\"'`"[simple], false);
        }

        var (skip, digits, style) = letter switch
        {
            'x' or 'X' => (2, 2, NumberStyles.AllowHexSpecifier),
            'u' => (2, 4, NumberStyles.AllowHexSpecifier),
            'U' => (2, 8, NumberStyles.AllowHexSpecifier),
            >= '0' and <= '3' => (1, 3, NumberStyles.None),
            _ => throw new SyntaxException(position + at, $"token recognition error at: '\\{letter}'"),
        };
        if (at + skip + digits > text.Length)
        {
            throw new SyntaxException(position + at, "token recognition error at: an escape that ends too early");
        }

        var written = text.Substring(at + skip, digits);
        at += skip + digits;
        if (style is NumberStyles.None)
        {
            return written.All(digit => digit is >= '0' and <= '7')
                ? (((written[0] - '0') * 64) + ((written[1] - '0') * 8) + written[2] - '0', false)
                : throw new SyntaxException(position + at, $"token recognition error at: '\\{written}'");
        }

        return int.TryParse(written, style, CultureInfo.InvariantCulture, out var code)
            ? (code, letter is 'u' or 'U')
            : throw new SyntaxException(position + at, $"token recognition error at: '\\{letter}{written}'");
    }
}
