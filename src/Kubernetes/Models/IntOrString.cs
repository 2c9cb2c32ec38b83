using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slotwise.Kubernetes.Models;

/// <summary>A number or a text, kept as it was written: the port named "80" is not the port 80.</summary>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString
{
    readonly string? _text;
    readonly long _number;

    public IntOrString(long number) => _number = number;

    public IntOrString(string text) => _text = text;

    public bool IsNumber => _text is null;

    public long Number => _text is null ? _number : throw new InvalidOperationException($"\"{_text}\" is not a number");

    public static implicit operator IntOrString(int number) => new(number);

    public static implicit operator IntOrString(string text) => new(text);

    public override string ToString() => _text ?? _number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes numbers as JSON numbers and texts as JSON strings.</summary>
public sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => new IntOrString(reader.GetInt64()),
        JsonTokenType.String => new IntOrString(reader.GetString()!),
        _ => throw new JsonException("expected a number or a string"),
    };

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.IsNumber)
        {
            writer.WriteNumberValue(value.Number);
        }
        else
        {
            writer.WriteStringValue(value.ToString());
        }
    }
}
