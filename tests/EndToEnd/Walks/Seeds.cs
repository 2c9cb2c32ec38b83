using System.Globalization;

namespace Slotwise.EndToEnd.Walks;

/// <summary>Which walks are taken: a few that are always the same, or SLOTWISE_WALKS of them from seed SLOTWISE_WALK on.</summary>
static class Seeds
{
    const int Few = 2;

    /// <summary>The first of them.</summary>
    public static int First { get; } = Number("SLOTWISE_WALK") ?? 1;

    public static IEnumerable<int> All => Enumerable.Range(First, Number("SLOTWISE_WALKS") ?? Few);

    /// <summary>What takes one of them again.</summary>
    public static string CommandFor(int seed) => $"make walks WALK={seed} WALKS=1";

    static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
