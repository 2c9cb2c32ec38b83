using System.Globalization;
using Slotwise.Simulation.Redis.Data;

namespace Slotwise.Simulation.Redis.Commands;

/// <summary>What DUMP prints of a value and RESTORE takes.</summary>
static class KeyDump
{
    public static string Of(StoredValue value) => string.Create(CultureInfo.InvariantCulture, $"{value.Size}:{value.Text}");

    public static StoredValue Read(string dump)
    {
        var colon = dump.IndexOf(':', StringComparison.Ordinal);
        return new StoredValue(dump[(colon + 1)..], long.Parse(dump[..colon], CultureInfo.InvariantCulture));
    }
}
