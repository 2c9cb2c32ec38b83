using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slotwise.Operator.Load;

/// <summary>A ledger's report for programs.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(LedgerReport))]
sealed partial class LoadJson : JsonSerializerContext
{
    public static string Write(LedgerReport report) => JsonSerializer.Serialize(report, Default.LedgerReport);

    public static LedgerReport Read(string text) => JsonSerializer.Deserialize(text, Default.LedgerReport) ?? throw new FormatException("no report");
}
