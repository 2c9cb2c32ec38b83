using System.Globalization;
using Slotwise.Simulation.Redis.Data;

namespace Slotwise.Simulation.Runs;

/// <summary>Values count the writes of their key, so that it shows whether a copy is older than another.</summary>
static class VersionedValue
{
    public static string Write(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>The version that a state of a server has.</summary>
    public static long? Read(Keyspace keys, LedgerEntry entry) =>
        keys.TryGet(entry.Key, entry.Slot, out var value) ? long.Parse(value.Text, CultureInfo.InvariantCulture) : null;
}
