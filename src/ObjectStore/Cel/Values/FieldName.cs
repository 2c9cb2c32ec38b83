using System.Text.RegularExpressions;

namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>Names of fields as expressions write them. See "CEL validation rules: escaping" in the Kubernetes page on CustomResourceDefinitions.</summary>
static partial class FieldName
{
    static readonly HashSet<string> Reserved =
    [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
        "package", "namespace", "return", "var", "void", "while",
    ];

    /// <summary>Null when no expression can name the field.</summary>
    public static string? Escape(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || Unsupported().IsMatch(name))
        {
            return null;
        }

        return Reserved.Contains(name) ? $"__{name}__" : Escaped().Replace(name, match => match.Value switch
        {
            "__" => "__underscores__",
            "." => "__dot__",
            "-" => "__dash__",
            _ => "__slash__",
        });
    }

    public static string Unescape(string name) => name.Contains("__", StringComparison.Ordinal)
        ? Unescaped().Replace(name, match => match.Value switch
        {
            "__underscores__" => "__",
            "__dot__" => ".",
            "__dash__" => "-",
            "__slash__" => "/",
            var word => Reserved.Contains(word[2..^2]) && word == name ? word[2..^2] : word,
        })
        : name;

    [GeneratedRegex("[^a-zA-Z0-9._/-]")]
    private static partial Regex Unsupported();

    [GeneratedRegex("__|[-./]")]
    private static partial Regex Escaped();

    [GeneratedRegex("__[a-z]+__")]
    private static partial Regex Unescaped();
}
