namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>A value that may not be there.</summary>
sealed record CelOptional(object? Value)
{
    public static readonly CelOptional None = new((object?)null);
}
