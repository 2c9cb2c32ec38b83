using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Slotwise.Kubernetes.Json;

/// <summary>
/// What an unquoted YAML word means. The rules are those of <c>sigs.k8s.io/yaml</c>, which kubectl and the API server use: YAML 1.1 with its
/// <c>yes</c> and <c>0644</c>, so that a manifest means here what it means there.
/// </summary>
static partial class YamlScalar
{
    /// <summary>The JSON value of an unquoted word.</summary>
    /// <exception cref="KubernetesYamlException">It is a number that JSON cannot say.</exception>
    public static JsonNode? Read(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "y" or "Y" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "n" or "N" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
        }

        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.'))
        {
            return JsonValue.Create(text);
        }

        if (NotANumber().IsMatch(text))
        {
            throw new KubernetesYamlException($"\"{text}\" has no JSON form; quote it if it is meant as a text");
        }

        if (TryReadInteger(text.Replace("_", "", StringComparison.Ordinal), out var integer))
        {
            return integer >= long.MinValue && integer <= long.MaxValue ? JsonValue.Create((long)integer)
                : integer > 0 && integer <= ulong.MaxValue ? JsonValue.Create((ulong)integer)
                : JsonValue.Create((double)integer);
        }

        return Float().IsMatch(text) ? JsonValue.Create(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)) : JsonValue.Create(text);
    }

    /// <summary>Whether the word, unquoted, would be read back as this very text.</summary>
    public static bool IsPlainText(string text)
    {
        try
        {
            return Read(text) is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.String && !Timestamp().IsMatch(text);
        }
        catch (KubernetesYamlException)
        {
            return false;
        }
    }

    static bool TryReadInteger(string text, out BigInteger integer)
    {
        var match = Integer().Match(text);
        if (!match.Success)
        {
            integer = default;
            return false;
        }

        integer = match.Groups["hex"] is { Success: true } hex ? ReadDigits(hex.Value, 16)
            : match.Groups["octal"] is { Success: true } octal ? ReadDigits(octal.Value, 8)
            : match.Groups["binary"] is { Success: true } binary ? ReadDigits(binary.Value, 2)
            : ReadDigits(match.Groups["decimal"].Value, 10);
        if (text[0] == '-')
        {
            integer = -integer;
        }

        return true;
    }

    static BigInteger ReadDigits(string digits, int numberBase)
    {
        var value = BigInteger.Zero;
        foreach (var digit in digits)
        {
            value = (value * numberBase) + Convert.ToInt32(digit.ToString(), 16);
        }

        return value;
    }

    [GeneratedRegex("^[-+]?(0x(?<hex>[0-9a-fA-F]{1,64})|0o?(?<octal>[0-7]{1,64})|0b(?<binary>[01]{1,64})|(?<decimal>0|[1-9][0-9]{0,63}))$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();

    [GeneratedRegex(@"^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$")]
    private static partial Regex NotANumber();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")]
    private static partial Regex Timestamp();
}
