namespace Slotwise.Entities;

/// <summary>The list is a map: its items are told apart by these fields, so that several managers may apply items of their own.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapAttribute(params string[] keys) : Attribute
{
    public IReadOnlyList<string> Keys { get; } = keys;
}

/// <summary>The list is one value: who applies it replaces it whole.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AtomicListAttribute : Attribute;

/// <summary>An object of any shape, kept as it was given.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PreserveUnknownFieldsAttribute : Attribute;

/// <summary>What every value of a map must be like, as text.</summary>
/// <param name="maximumLength">In characters.</param>
/// <param name="pattern">A regular expression that RE2 and .NET read alike.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MapValuesAttribute(int maximumLength, string pattern) : Attribute
{
    public int MaximumLength { get; } = maximumLength;

    public string Pattern { get; } = pattern;
}
