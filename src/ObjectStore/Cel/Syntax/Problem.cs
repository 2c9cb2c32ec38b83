namespace Slotwise.ObjectStore.Cel.Syntax;

/// <summary>A fault of an expression, as cel-go words it.</summary>
readonly record struct Problem(int Position, string Message)
{
    /// <summary>With the line of the source and a mark below the fault.</summary>
    public string Show(string source)
    {
        var start = source.LastIndexOf('\n', Math.Clamp(Position - 1, 0, Math.Max(source.Length - 1, 0)), Math.Clamp(Position, 0, source.Length)) + 1;
        var end = source.IndexOf('\n', start);
        var line = source[..Math.Min(start, source.Length)].Count(character => character == '\n') + 1;
        var column = Position - start;
        var text = source[start..(end < 0 ? source.Length : end)].Replace('\t', ' ');
        return $"ERROR: <input>:{line}:{column + 1}: {Message}\n | {text}\n | {new string('.', column)}^";
    }
}

/// <summary>What the text cannot be read for.</summary>
sealed class SyntaxException(int position, string message, bool isSyntax = true) : Exception(message)
{
    public Problem Problem { get; } = new(position, isSyntax ? $"Syntax error: {message}" : message);
}
