using System.Globalization;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel.Syntax;

/// <summary>Cuts an expression into tokens. See "Syntax" in the CEL language definition.</summary>
sealed class Lexer(string source)
{
    static readonly string[] Symbols = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":", "+", "*", "/", "%"];

    int _at;

    public List<Token> Read()
    {
        var tokens = new List<Token>();
        while (true)
        {
            SkipSpace();
            if (_at == source.Length)
            {
                tokens.Add(new Token(TokenKind.End, _at, "<EOF>"));
                return tokens;
            }

            tokens.Add(Next());
        }
    }

    void SkipSpace()
    {
        while (_at < source.Length)
        {
            if (source[_at] is ' ' or '\t' or '\r' or '\n' or '\f')
            {
                _at++;
            }
            else if (source.AsSpan(_at).StartsWith("//"))
            {
                var end = source.IndexOf('\n', _at);
                _at = end < 0 ? source.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    Token Next()
    {
        var character = source[_at];
        if (char.IsAsciiDigit(character) || (character == '.' && char.IsAsciiDigit(Peek(1))))
        {
            return Number();
        }

        if (TextLiteral.TryRead(source, _at, out var value, out var length))
        {
            return Literal(length, value);
        }

        if (char.IsAsciiLetter(character) || character == '_')
        {
            return Word();
        }

        if (character == '`')
        {
            var end = source.IndexOf('`', _at + 1);
            if (end > _at + 1 && source[(_at + 1)..end].All(inner => char.IsAsciiLetterOrDigit(inner) || inner is '_' or '.' or '-' or '/' or ' '))
            {
                var name = new Token(TokenKind.QuotedName, _at, source[(_at + 1)..end]);
                _at = end + 1;
                return name;
            }
        }

        foreach (var symbol in Symbols)
        {
            if (source.AsSpan(_at).StartsWith(symbol))
            {
                _at += symbol.Length;
                return new Token(TokenKind.Symbol, _at - symbol.Length, symbol);
            }
        }

        throw new SyntaxException(_at, $"token recognition error at: '{character}'");
    }

    Token Word()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Peek(0)) || Peek(0) == '_')
        {
            _at++;
        }

        var text = source[start.._at];
        return text switch
        {
            "true" => new Token(TokenKind.Literal, start, text, true),
            "false" => new Token(TokenKind.Literal, start, text, false),
            "null" => new Token(TokenKind.Literal, start, text, CelNull.Value),
            "in" => new Token(TokenKind.Symbol, start, text),
            _ => new Token(TokenKind.Name, start, text),
        };
    }

    Token Number()
    {
        var start = _at;
        if (source[_at] == '0' && Peek(1) == 'x' && char.IsAsciiHexDigit(Peek(2)))
        {
            _at += 2;
            return Whole(start, Take(char.IsAsciiHexDigit), NumberStyles.HexNumber);
        }

        var digits = Take(char.IsAsciiDigit);
        var isFraction = Peek(0) == '.' && char.IsAsciiDigit(Peek(1));
        if (isFraction)
        {
            _at++;
            Take(char.IsAsciiDigit);
        }

        var sign = Peek(1) is '+' or '-' ? 2 : 1;
        var hasExponent = Peek(0) is 'e' or 'E' && char.IsAsciiDigit(Peek(sign));
        if (hasExponent)
        {
            _at += sign;
            Take(char.IsAsciiDigit);
        }

        return isFraction || hasExponent
            ? new Token(TokenKind.Literal, start, source[start.._at], double.Parse(source[start.._at], CultureInfo.InvariantCulture))
            : Whole(start, digits, NumberStyles.None);
    }

    /// <summary>An integer is kept as it is written, as only the parser knows whether it is negative.</summary>
    Token Whole(int start, string digits, NumberStyles style)
    {
        var isUnsigned = Peek(0) is 'u' or 'U';
        var fits = ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out var number);
        if (isUnsigned)
        {
            _at++;
            return fits
                ? new Token(TokenKind.Literal, start, source[start.._at], number)
                : throw new SyntaxException(start, "invalid uint literal");
        }

        return fits && number <= (ulong)long.MaxValue + 1
            ? new Token(TokenKind.Literal, start, source[start.._at], new WholeNumber(number))
            : throw new SyntaxException(start, "invalid int literal");
    }

    Token Literal(int length, object value)
    {
        _at += length;
        return new Token(TokenKind.Literal, _at - length, source[(_at - length).._at], value);
    }

    string Take(Func<char, bool> belongs)
    {
        var start = _at;
        while (belongs(Peek(0)))
        {
            _at++;
        }

        return source[start.._at];
    }

    char Peek(int ahead) => _at + ahead < source.Length ? source[_at + ahead] : '\0';
}

/// <summary>An int literal before its sign is known: 9223372036854775808 is one only behind a minus.</summary>
readonly record struct WholeNumber(ulong Size);
