namespace Slotwise.ObjectStore.Cel.Syntax;

enum TokenKind
{
    End,
    Name,

    /// <summary>A field between backquotes.</summary>
    QuotedName,

    /// <summary>An operator, a bracket or the word <c>in</c>.</summary>
    Symbol,
    Literal,
}

/// <param name="Kind">What it is.</param>
/// <param name="Position">Of its first character.</param>
/// <param name="Text">As it is written.</param>
/// <param name="Value">Of a literal; a number is without its sign.</param>
readonly record struct Token(TokenKind Kind, int Position, string Text, object? Value = null)
{
    public bool Is(string symbol) => Kind is TokenKind.Symbol && Text == symbol;
}
