namespace Slotwise.ObjectStore.Cel.Values;

/// <summary>A form that text can have, such as that of a DNS label.</summary>
/// <param name="Name">As <c>format.NAME()</c> has it.</param>
/// <param name="Check">What is wrong with a text; empty when nothing is.</param>
sealed record NamedFormat(string Name, Func<string, IReadOnlyList<string>> Check);
