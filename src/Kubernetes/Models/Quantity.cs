using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slotwise.Kubernetes.Models;

/// <summary>
/// An amount of a resource such as <c>500m</c> or <c>2Gi</c>. The text is kept as it was written; two quantities are equal
/// when their amounts are, as the API server may write <c>1000m</c> back as <c>1</c>.
/// See "Quantity" in the Kubernetes API reference.
/// </summary>
[JsonConverter(typeof(QuantityConverter))]
public readonly record struct Quantity : IComparable<Quantity>
{
    static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m), ("Ei", 1152921504606846976m),
        ("n", 0.000000001m), ("u", 0.000001m), ("m", 0.001m), ("k", 1000m), ("M", 1000000m), ("G", 1000000000m), ("T", 1000000000000m),
        ("P", 1000000000000000m), ("E", 1000000000000000000m),
    ];

    readonly string? _text;

    /// <exception cref="FormatException">The text is not a quantity.</exception>
    public Quantity(string text)
    {
        if (!TryReadAmount(text, out var amount))
        {
            throw new FormatException($"\"{text}\" is not a quantity such as 500m, 1.5 or 2Gi");
        }

        _text = text;
        Amount = amount;
    }

    /// <summary>The amount in the unit of the resource: cores, bytes, pieces.</summary>
    public decimal Amount { get; }

    public static implicit operator Quantity(string text) => new(text);

    public static bool operator <(Quantity left, Quantity right) => left.Amount < right.Amount;

    public static bool operator <=(Quantity left, Quantity right) => left.Amount <= right.Amount;

    public static bool operator >(Quantity left, Quantity right) => left.Amount > right.Amount;

    public static bool operator >=(Quantity left, Quantity right) => left.Amount >= right.Amount;

    public static bool TryParse(string? text, out Quantity quantity)
    {
        var valid = TryReadAmount(text, out _);
        quantity = valid ? new Quantity(text!) : default;
        return valid;
    }

    public int CompareTo(Quantity other) => Amount.CompareTo(other.Amount);

    public bool Equals(Quantity other) => Amount == other.Amount;

    public override int GetHashCode() => Amount.GetHashCode();

    public override string ToString() => _text ?? Amount.ToString(CultureInfo.InvariantCulture);

    static bool TryReadAmount(string? text, out decimal amount)
    {
        amount = 0;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var factor = 1m;
        var digits = text;
        foreach (var (suffix, value) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                factor = value;
                digits = text[..^suffix.Length];
                break;
            }
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!decimal.TryParse(digits, Style, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        try
        {
            amount = number * factor;
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }
}

/// <summary>Reads numbers and strings, writes the text as it was given.</summary>
public sealed class QuantityConverter : JsonConverter<Quantity>
{
    public override Quantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.Number
            ? reader.GetDecimal().ToString(CultureInfo.InvariantCulture)
            : reader.GetString();
        return Quantity.TryParse(text, out var quantity) ? quantity : throw new JsonException($"\"{text}\" is not a quantity");
    }

    public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
