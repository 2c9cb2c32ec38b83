using System.Globalization;

namespace Slotwise.Operator.Load;

/// <summary>Which keys a writer has: some of every kind, a few that are big, and mostly small strings.</summary>
static class LedgerLayout
{
    /// <summary>Fewer keys than this leave no room for every kind.</summary>
    public const int KeysPerWriter = 20;

    /// <summary>How long a string that expires lives.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(30);

    const int BigKeys = 2;
    const int StreamKeys = 4;
    const int HashFields = 4;
    const int SmallBytes = 64;
    const int BigBytes = 64 << 10;

    /// <summary>The places of one writer.</summary>
    public static IReadOnlyList<LedgerCell> Build(string prefix, int writer, int keys)
    {
        var cells = new List<LedgerCell>();
        for (var i = 0; i < keys; i++)
        {
            cells.AddRange(BuildKey(prefix, writer, i));
        }

        return cells;
    }

    static IEnumerable<LedgerCell> BuildKey(string prefix, int writer, int index)
    {
        string Key(string kind) => string.Create(CultureInfo.InvariantCulture, $"{prefix}:{kind}:{writer}:{index}");

        // those of one tag share a slot, so that a move meets slots with many keys as well as with few
        string Tagged(string kind) => string.Create(CultureInfo.InvariantCulture, $"{prefix}:{kind}:{{{prefix}:{writer}:{index / 100}}}:{index}");

        switch (index)
        {
            case < BigKeys:
                return [new RegisterCell(Key("big"), null, BigBytes, null)];
            case < BigKeys + StreamKeys:
                return [new StreamCell(Key("stream"))];
            default:
                return (index % 10) switch
                {
                    < 5 => [new RegisterCell(Key("text"), null, SmallBytes, null)],
                    < 8 => [new RegisterCell(Tagged("text"), null, SmallBytes, null)],
                    8 => Enumerable.Range(0, HashFields).Select(field => new RegisterCell(Key("hash"), $"f{field}", SmallBytes, null)),
                    _ => [new RegisterCell(Key("expiring"), null, SmallBytes, Expiry)],
                };
        }
    }
}
