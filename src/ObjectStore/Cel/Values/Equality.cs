
namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>Equality and order. Numbers are compared by their value, whatever their type.</summary>
static class Equality
{
    public static bool AreEqual(object left, object right)
    {
        switch (left, right)
        {
            case (long or ulong or double, long or ulong or double):
                return Compare(left, right) == 0;
            case (CelBytes a, CelBytes b):
                return a.Content.AsSpan().SequenceEqual(b.Content);
            case (CelList a, CelList b):
                return AreEqual(a, b);
            case (CelMap a, CelMap b):
                return a.Count == b.Count && a.Keys.All(key => a.Find(key) is { } value && b.Find(key) is { } other && AreEqual(value, other));
            case (CelOptional a, CelOptional b):
                return a.Value is null ? b.Value is null : b.Value is not null && AreEqual(a.Value, b.Value);
            default:
                return left.Equals(right);
        }
    }

    static bool AreEqual(CelList left, CelList right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        return (left as JsonList)?.Schema.ListType is ListType.Set or ListType.Map
            ? left.All(item => right.Any(other => AreEqual(item, other)))
            : left.Zip(right).All(pair => AreEqual(pair.First, pair.Second));
    }

    /// <summary>Null when the two cannot be compared: their types differ, or one is no number (NaN).</summary>
    public static int? Compare(object left, object right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (ulong a, ulong b) => a.CompareTo(b),
        (long a, ulong b) => a < 0 ? -1 : ((ulong)a).CompareTo(b),
        (ulong a, long b) => b < 0 ? 1 : a.CompareTo((ulong)b),
        (double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b),
        (double a, long b) => Mixed(a, b),
        (double a, ulong b) => Mixed(a, b),
        (long a, double b) => -Mixed(b, a),
        (ulong a, double b) => -Mixed(b, a),
        (bool a, bool b) => a.CompareTo(b),
        (string a, string b) => CompareText(a, b),
        (CelBytes a, CelBytes b) => a.Content.AsSpan().SequenceCompareTo(b.Content),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (TimeSpan a, TimeSpan b) => a.CompareTo(b),
        _ => null,
    };

    // As cel-go: the integer is turned into a double, unless the double lies beyond every integer.
    static int? Mixed(double left, decimal right)
    {
        if (double.IsNaN(left))
        {
            return null;
        }

        return left.CompareTo((double)right);
    }

    // By code points, as Go compares bytes of UTF-8; UTF-16 puts the planes above the first one elsewhere.
    static int CompareText(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            if (left[i] != right[i])
            {
                return char.IsSurrogate(left[i]) != char.IsSurrogate(right[i])
                    ? char.IsSurrogate(left[i]) ? 1 : -1
                    : left[i].CompareTo(right[i]);
            }
        }

        return left.Length.CompareTo(right.Length);
    }
}
