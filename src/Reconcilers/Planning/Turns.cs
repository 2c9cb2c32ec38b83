namespace Slotwise.Reconcilers.Planning;

/// <summary>Whose turn it is: of two that need the same server, one that fails for ever must not starve the other.</summary>
static class Turns
{
    /// <summary>The same ones in the same order, but beginning with another one each time.</summary>
    /// <param name="at">When; what comes first changes every tenth of a second, without a rhythm that passes at even distances could fall into.</param>
    /// <param name="all">All that want a turn.</param>
    public static IEnumerable<T> Order<T>(DateTimeOffset at, IReadOnlyList<T> all)
    {
        var scattered = unchecked((ulong)(at.ToUnixTimeMilliseconds() / 100) * 0x9E37_79B9_7F4A_7C15) >> 32;
        var first = all.Count == 0 ? 0 : (int)(scattered % (ulong)all.Count);
        return all.Skip(first).Concat(all.Take(first));
    }
}
