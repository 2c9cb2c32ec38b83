namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>What an expression comes to that has no value. It is a value itself, because <c>||</c> and <c>&amp;&amp;</c> may do without it.</summary>
sealed record CelError(string Message)
{
    /// <summary>No function of the name takes values of these types.</summary>
    public static readonly CelError NoOverload = new("no such overload");

    public static readonly CelError IntOverflow = new("integer overflow");

    public static readonly CelError UintOverflow = new("unsigned integer overflow");

    public static readonly CelError DurationOverflow = new("duration overflow");

    public static readonly CelError TimestampOverflow = new("timestamp overflow");

    public static readonly CelError DivisionByZero = new("division by zero");

    public static readonly CelError ModulusByZero = new("modulus by zero");

    public static CelError NoSuchKey(object key) => new($"no such key: {Conversion.Show(key)}");

    public static CelError OutOfBounds(long index) => new($"index out of bounds: {index}");
}
